import { resolve } from "node:path";
import { load, type LoadContext } from "../config/load.ts";
import { isError } from "../config/problem.ts";
import { readPlainFile } from "../config/read-file.ts";
import type { Config } from "../config/types.ts";
import { unreadable } from "../deployment.ts";
import type { CommandIo, ExitCode } from "./command.ts";
import { missingFile } from "./default-file.ts";
import { renderProblem } from "./render-problem.ts";

/** What a file means, or the code to end with, once it has been said why it means nothing. Warnings are said too. */
export const loadFile = async (file: string, io: CommandIo, context: LoadContext = {}): Promise<Config | ExitCode> => {
  const source = await readPlainFile(resolve(io.cwd, file)).catch((error: unknown) => unreadable(error));
  if (source === undefined) {
    io.err(await missingFile(file, io.cwd));
    return 2;
  }
  const { config, problems } = source instanceof Uint8Array ? await load(source, context) : { config: undefined, problems: [source] };
  for (const problem of problems) io.err(renderProblem(file, problem));
  if (config !== undefined) return config;
  return source instanceof Uint8Array && problems.some(isError) ? 1 : 2;
};
