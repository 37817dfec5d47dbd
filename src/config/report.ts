import { withFixes, type Fix } from "./fix.ts";
import type { ParsedFile } from "./parse.ts";
import type { Path, Problem, Severity } from "./problem.ts";

/** Takes down what `resolve` finds, each with its place in the file. */
export interface Report {
  /** At the value that stands at `path`, or at the nearest that does. */
  value(...finding: Finding): void;
  /** At the name of what stands at `path`. */
  key(...finding: Finding): void;
  readonly problems: readonly Problem[];
}

type Finding = readonly [severity: Severity, path: Path, message: string, hint: string, fixesFor?: FixesFor];

/** Fixes for a problem of that file; a `undefined` among them is one that cannot be made there. */
export type FixesFor = (file: ParsedFile) => readonly (Fix | undefined)[];

export const createReport = (file: ParsedFile): Report => {
  const problems: Problem[] = [];
  const take = (range: Problem["range"], [severity, path, message, hint, fixesFor]: Finding): void =>
    void problems.push({ severity, message, hint, path, range, ...withFixes(fixesFor?.(file) ?? []) });
  return {
    value: (...finding) => take(file.valueRange(finding[1]), finding),
    key: (...finding) => take(file.keyRange(finding[1]), finding),
    problems,
  };
};
