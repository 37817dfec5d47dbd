import type { Fix } from "./fix.ts";
import type { Range } from "./positions.ts";

/** One thing that is wrong with a file, said so that its author can act on it. */
export interface Problem {
  /** An `error` keeps the file from being used, a `warning` does not, `information` asks for nothing. */
  readonly severity: Severity;
  /** What is wrong, as one sentence. Never a secret. */
  readonly message: string;
  /** What to write or do instead, as one sentence. */
  readonly hint: string;
  /** Names and list positions from the top of the file; empty = the file as a whole. */
  readonly path: Path;
  readonly range: Range;
  /** Changes of the file that do away with it, the best first; absent where none is known. */
  readonly fixes?: readonly Fix[];
}

export type Severity = "error" | "warning" | "information";

export type Path = readonly (string | number)[];

/** More than this nobody reads; a hostile file has thousands. */
export const maxProblems = 100;

export const isError = (problem: Problem): boolean => problem.severity === "error";

/** In the order in which somebody who reads the file meets them. */
export const sortProblems = (problems: readonly Problem[]): readonly Problem[] =>
  problems.toSorted((a, b) => a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column);

/** `models."gpt-4"[0].vendor`: a path as a person would write it down. */
export const renderPath = (path: Path): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `.${JSON.stringify(step)}`))
    .join("")
    .replace(/^\./, "");

/** A name of the file inside a sentence: a hostile one may be a megabyte long. */
export const quoted = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
