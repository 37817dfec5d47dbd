import type { Loaded } from "./config/load.ts";
import { parse } from "./config/parse.ts";
import { fileStart, type Range } from "./config/positions.ts";
import type { Path, Problem } from "./config/problem.ts";
import type { Config } from "./config/types.ts";
import type { LlmProxy } from "./proxy.ts";
import type { ApplyProblem } from "./socket-problem.ts";

export interface DeploymentOptions {
  readonly proxy: LlmProxy;
  /** The file's bytes as they are now; absent when there is no file. Throws the system's error when it cannot be read. */
  readonly read: () => Promise<Uint8Array | undefined>;
  readonly load: (source: Uint8Array) => Promise<Loaded>;
  /** A last word on a configuration that has no errors, such as a port from the command line. */
  readonly adjust?: (config: Config) => Config;
}

/** What came of bringing a file into force. In all but `applied` and `unchanged`, what ran before runs on. */
export type Outcome =
  | { readonly kind: "applied" | "unchanged"; readonly problems: readonly Problem[] }
  /** `bindError`: the file is right, but a socket could not be bound; the system's word for why, such as EADDRINUSE. */
  | { readonly kind: "rejected"; readonly problems: readonly Problem[]; readonly bindError?: string }
  /** The file is right and waits for somebody to allow what it asks for. */
  | { readonly kind: "held"; readonly problems: readonly Problem[] }
  /** No file, or one that says nothing yet: somebody is about to write it. */
  | { readonly kind: "missing" | "empty" };

/** Keeps what a file says in force: editor and terminal both deploy through this. */
export interface Deployment {
  /**
   * Reads the file and brings it into force, whole or not at all. Calls while one is under way are one more, after it.
   * Never throws: what is wrong with the file is in the outcome.
   */
  deploy(): Promise<Outcome>;
}

export const createDeployment = (options: DeploymentOptions): Deployment => {
  let underway: Promise<Outcome> | undefined;
  let next: Promise<Outcome> | undefined;
  const start = (): Promise<Outcome> => {
    const run = deployOnce(options).finally(() => {
      underway = next;
      next = undefined;
    });
    return run;
  };
  return {
    deploy() {
      if (underway === undefined) return (underway = start());
      return (next ??= underway.then(start));
    },
  };
};

const deployOnce = async ({ proxy, read, load, adjust = (config) => config }: DeploymentOptions): Promise<Outcome> => {
  let source: Uint8Array | undefined;
  try {
    source = await read();
  } catch (error) {
    return { kind: "rejected", problems: [unreadable(error)] };
  }
  if (source === undefined) return { kind: "missing" };
  const { config, problems, isEmpty, isHeld } = await load(source);
  // A file that is just being written is empty for a moment.
  if (isEmpty === true) return { kind: "empty" };
  if (config === undefined) return { kind: isHeld === true ? "held" : "rejected", problems };
  const applied = await proxy.apply(adjust(config));
  if (applied.result !== "rejected") return { kind: applied.result, problems };
  const [first] = applied.problems;
  return {
    kind: "rejected",
    problems: [...problems, ...applied.problems.map((problem) => place(problem, source))],
    ...(first === undefined ? {} : { bindError: first.code }),
  };
};

/** A problem that showed only when sockets were bound, put at its line. */
const place = ({ path, message, hint }: ApplyProblem, source: Uint8Array): Problem =>
  ({ severity: "error", message, hint, path, range: rangeOf(path, source) });

const rangeOf = (path: Path, source: Uint8Array): Range => {
  const parsed = parse(new TextDecoder().decode(source));
  return "file" in parsed ? parsed.file.valueRange(path) : fileStart;
};

/** Why a file that is there cannot be read: it is a folder, a socket, somebody else's. @param error the system's */
export const unreadable = (error: unknown): Problem => {
  const code = (error as { code?: unknown }).code;
  const [message, hint] = unreadableWords[String(code)] ?? [`The file cannot be read (${String(code)}).`, "Make it a plain file that this user may read."];
  return { severity: "error", message, hint, path: [], range: fileStart };
};

const unreadableWords: Readonly<Record<string, readonly [string, string]>> = {
  EISDIR: ["A folder stands in the file's place.", "Remove the folder and write the file."],
  EACCES: ["This user may not read the file.", "Give the user that runs the proxy the right to read it."],
  ENOTSUP: ["A socket, pipe or device stands in the file's place.", "Remove it and write the file."],
  ELOOP: ["The file is a link that leads to itself.", "Replace the link by a file."],
};
