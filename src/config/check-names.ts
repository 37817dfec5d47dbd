import { nearestNames } from "../nearest.ts";
import { fixBy } from "./fix.ts";
import { maxProblems, quoted, type Path } from "./problem.ts";
import type { Report } from "./report.ts";
import { writeValue } from "./write-value.ts";

/** What the names stand for, and where in the file it is declared. */
export interface NameWords {
  readonly kind: string;
  readonly place: string;
}

/** Reports every name of the list at `path` that is not `known`, with the one that was probably meant. */
export const checkNames = (names: readonly string[], path: Path, known: readonly string[], { kind, place }: NameWords, report: Report): void => {
  const declared = new Set(known);
  for (const [index, name] of names.entries()) {
    if (declared.has(name) || report.problems.length >= maxProblems) continue;
    reportUnknown(name, [...path, index], known, { kind, place }, report);
  }
};

/** The same for one name, which stands at `path`. */
export const checkName = (name: string, path: Path, known: readonly string[], words: NameWords, report: Report): void => {
  if (!known.includes(name) && report.problems.length < maxProblems) reportUnknown(name, path, known, words, report);
};

const reportUnknown = (name: string, path: Path, known: readonly string[], { kind, place }: NameWords, report: Report): void => {
  const nearest = nearestOf(name, known);
  const hint = nearest[0] === undefined ? `Add ${quoted(name)} under ${place} at the top of the file.` : `Did you mean ${nearest[0]}?`;
  report.value("error", path, `No ${kind} is named ${quoted(name)}.`, hint, ({ edits }) => nearest.map((other) => fixBy(`Change to ${other}`, edits.replaceValue(path, writeValue(other)))));
};

/** Only among as many as a person would have: the time grows with their number and with the square of their length. */
const nearestOf = (name: string, known: readonly string[]): readonly string[] =>
  (name.length > 64 ? [] : nearestNames(name, known.filter((other) => other.length <= 64).slice(0, 200)));
