import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { load, type Loaded } from "../config/load.ts";
import type { Range } from "../config/positions.ts";
import { fileStart } from "../config/positions.ts";
import { isError, maxProblems, type Problem } from "../config/problem.ts";
import type { AliasConfig } from "../config/types.ts";
import { unreadable } from "../deployment.ts";
import type { Command, CommandIo, ExitCode } from "./command.ts";
import { defaultFile, missingFile } from "./default-file.ts";
import { readPlainFile } from "../config/read-file.ts";
import { renderProblem } from "./render-problem.ts";

/** Says what is wrong with files. Reads no secret, opens no socket and asks no model. */
export const check: Command = {
  name: "check",
  usage: "[FILE...] [--json]",
  summary: "says what is wrong with a file, line by line",
  async run(args, io) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: "boolean", default: false } } });
    const codes: ExitCode[] = [];
    for (const file of positionals.length === 0 ? [defaultFile] : positionals) codes.push(await checkFile(file, values.json, io));
    return codes.includes(2) ? 2 : codes.includes(1) ? 1 : 0;
  },
};

const checkFile = async (file: string, json: boolean, io: CommandIo): Promise<ExitCode> => {
  const source = await readPlainFile(resolve(io.cwd, file)).catch((error: unknown) => unreadable(error));
  if (source === undefined) {
    const message = await missingFile(file, io.cwd);
    if (json) io.out(renderJson(file, { severity: "error", message, hint: "Name a file that is there.", path: [], range: fileStart }));
    else io.err(message);
    return 2;
  }
  if (!(source instanceof Uint8Array)) {
    if (json) io.out(renderJson(file, source));
    else io.err(renderProblem(file, source));
    return 2;
  }
  const problems = withIdleAliases(await load(source));
  for (const problem of problems) io.out(json ? renderJson(file, problem) : renderProblem(file, problem));
  if (problems.length >= maxProblems && !json) io.err(`These are the first ${maxProblems} problems of ${file}; there may be more.`);
  if (problems.some(isError)) return 1;
  if (!json) io.err(`${file} is valid.`);
  return 0;
};

/** One object a line, as a program reads it. Fixes that need more than an edit of the file are the editor's alone. */
const renderJson = (file: string, { range, severity, message, hint, path, fixes = [] }: Problem): string =>
  JSON.stringify({
    file, ...placeOf(range), severity, message, hint, path,
    fixes: fixes.filter(({ keeps }) => keeps === undefined).map(({ title, edits }) => ({ title, edits: edits.map((edit) => ({ ...placeOf(edit.range), text: edit.text })) })),
  });

const placeOf = ({ start, end }: Range) => ({ line: start.line, column: start.column, endLine: end.line, endColumn: end.column });

/** Which aliases only an editor answers for is worth knowing before somebody serves the file from a terminal. */
const withIdleAliases = ({ problems, config, rangeOfName }: Loaded): readonly Problem[] => {
  const idle = config?.models.filter(isIdle) ?? [];
  return [...problems, ...idle.flatMap(({ name }) => (rangeOfName === undefined ? [] : [idleAlias(name, rangeOfName)]))];
};

const isIdle = ({ targets }: AliasConfig): boolean => targets.every(({ kind }) => kind === "selector");

const idleAlias = (name: string, rangeOfName: NonNullable<Loaded["rangeOfName"]>): Problem => {
  const path = ["models", name];
  return {
    severity: "information",
    message: `Only VS Code has the models of "${name}".`,
    hint: "In a terminal, llm-proxy serve --stand-in echo answers for them.",
    path,
    range: rangeOfName(path),
  };
};
