import { checkUnits } from "./check-units.ts";
import type { Edits } from "./edits.ts";
import { filesOf } from "./file-source.ts";
import { parse } from "./parse.ts";
import { fileStart, type Range } from "./positions.ts";
import { isError, maxProblems, sortProblems, type Path, type Problem } from "./problem.ts";
import { createReport } from "./report.ts";
import { resolve, type ResolveContext } from "./resolve.ts";
import { risksOf, type Risk } from "./risks.ts";
import { readSource } from "./source-text.ts";
import type { Config } from "./types.ts";
import { validate } from "./validate.ts";

export type LoadContext = ResolveContext;

export interface Loaded {
  /** There unless a problem is an error. */
  readonly config?: Config;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
  /** Nothing is there but comments, which is an error too; whoever watches the file may wait instead. */
  readonly isEmpty?: true;
  /** Nothing is wrong with it, and it waits for somebody to allow what it asks for. Without `config`. */
  readonly isHeld?: true;
  /** Where the name of what is at a path stands, for what is found out later. There with `config`. */
  readonly rangeOfName?: (path: Path) => Range;
  /** Changes of the file, for the same. There with `config`. */
  readonly edits?: Edits;
  /** What the file asks for that is somebody's to allow. There with `config`. */
  readonly risks?: readonly Risk[];
  /** Other files that it points to, as written: when one of them changes, the configuration may. */
  readonly files?: readonly string[];
}

/**
 * The configuration that a file means, or what keeps it from meaning one. Never throws, whatever the file holds: a hostile
 * one is a problem within a fraction of a second.
 * @param source the text, or the bytes of a file of unknown encoding
 */
export const load = async (source: string | Uint8Array, context: LoadContext = {}): Promise<Loaded> => {
  const read = readSource(source);
  if ("problem" in read) return { problems: [read.problem] };
  const parsed = parse(read.text);
  if ("isEmpty" in parsed) return { problems: [emptyFile], isEmpty: true };
  if ("problems" in parsed) return refused(parsed.problems);
  const validated = validate(parsed.file);
  if ("problems" in validated) return refused(validated.problems);
  const report = createReport(parsed.file);
  checkUnits(validated.authored, report);
  const config = await resolve(validated.authored, context, report);
  const files = filesOf(validated.authored);
  return report.problems.some(isError) ? { ...refused(report.problems), files } : {
    config,
    files,
    problems: tidy(report.problems),
    rangeOfName: parsed.file.keyRange,
    edits: parsed.file.edits,
    risks: risksOf(validated.authored),
  };
};

/** What runs where there is no file: a model that needs nothing, on this machine only. */
export const loadWithoutFile = (): Promise<Loaded> => load("version: 1\nmodels: { \"*\": { echo: {} } }\n");

const refused = (problems: readonly Problem[]): Loaded => ({ problems: tidy(problems) });

/** In the order of the file, and once where an alias repeats a mistake. */
const tidy = (problems: readonly Problem[]): readonly Problem[] => {
  const shown = new Map(sortProblems(problems).toReversed().map((problem) => [JSON.stringify([problem.range, problem.message]), problem]));
  return [...shown.values()].toReversed().slice(0, maxProblems);
};

const emptyFile: Problem = {
  severity: "error",
  message: "The file is empty.",
  hint: "Write version: 1 for every model on 127.0.0.1:8080, without a key.",
  path: [],
  range: fileStart,
  fixes: [{ title: "Add version: 1", edits: [{ range: fileStart, text: "version: 1\n" }] }],
};
