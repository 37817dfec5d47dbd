import type { ParsedFile } from "./parse.ts";
import type { Path, Problem, Severity } from "./problem.ts";

/** Takes down what `resolve` finds, each with its place in the file. */
export interface Report {
  /** At the value that stands at `path`, or at the nearest that does. */
  value(severity: Severity, path: Path, message: string, hint: string): void;
  /** At the name of what stands at `path`. */
  key(severity: Severity, path: Path, message: string, hint: string): void;
  readonly problems: readonly Problem[];
}

export const createReport = (file: ParsedFile): Report => {
  const problems: Problem[] = [];
  return {
    value: (severity, path, message, hint) => void problems.push({ severity, message, hint, path, range: file.valueRange(path) }),
    key: (severity, path, message, hint) => void problems.push({ severity, message, hint, path, range: file.keyRange(path) }),
    problems,
  };
};
