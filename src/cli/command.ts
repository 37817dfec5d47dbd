/** Where a command reads and writes; a test hands its own. */
export interface CommandIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line each, without its line break. `out` is what was asked for, `err` what there is to say about it. */
  out(line: string): void;
  err(line: string): void;
  /** One line of what a running server notes, once it is called for. It may wait a moment; what then goes to `err` still comes after it. */
  log(line: () => string): void;
  /** Settles when the person or the system asks the command to end. Until this is called, an interrupt ends it at once. */
  interrupted(): Promise<void>;
}

/** 0 = fine, 1 = errors were found, 2 = could not run. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** For `llm-proxy --help`: what comes after the name, and what it does. */
  readonly usage: string;
  readonly summary: string;
  run(args: readonly string[], io: CommandIo): Promise<ExitCode>;
}

/** The command line could not be understood: `message` says what to write instead. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
