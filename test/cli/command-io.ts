import type { CommandIo } from "../../src/cli/command.ts";

/** What a command reads and writes, kept for a look at it. */
export interface RecordedIo extends CommandIo {
  readonly outLines: string[];
  readonly errLines: string[];
}

export const createRecordedIo = (cwd: string, env: CommandIo["env"] = {}): RecordedIo => {
  const outLines: string[] = [];
  const errLines: string[] = [];
  return {
    cwd,
    env,
    outLines,
    errLines,
    out: (line) => void outLines.push(line),
    err: (line) => void errLines.push(line),
    log: (line) => void errLines.push(line()),
    interrupted: () => Promise.reject(new Error("This command does not wait for an interrupt.")),
  };
};
