import type { Loaded } from "./config/load.ts";
import { parse } from "./config/parse.ts";
import { withFixes } from "./config/fix.ts";
import { nextPortFix, portFix } from "./config/port-fixes.ts";
import { fileStart } from "./config/positions.ts";
import type { Problem } from "./config/problem.ts";
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
  | ({ readonly kind: "applied" | "unchanged"; readonly problems: readonly Problem[] } & PointsTo)
  /** `bindError`: the file is right, but a socket could not be bound; the system's word for why, such as EADDRINUSE. */
  | ({ readonly kind: "rejected"; readonly problems: readonly Problem[]; readonly bindError?: string } & PointsTo)
  /** The file is right and waits for somebody to allow what it asks for. */
  | { readonly kind: "held"; readonly problems: readonly Problem[] }
  /** No file, or one that says nothing yet: somebody is about to write it. `closed`: the deployment has ended. */
  | { readonly kind: "missing" | "empty" | "closed" };

interface PointsTo {
  /** Other files that this one points to, as written: a change of one is a reason to deploy again. Absent = not known. */
  readonly files?: readonly string[];
}

/** Keeps what a file says in force: editor and terminal both deploy through this. */
export interface Deployment {
  /**
   * Reads the file and brings it into force, whole or not at all. Calls while one is under way are one more, after it.
   * Never throws: what is wrong with the file is in the outcome.
   */
  deploy(): Promise<Outcome>;
  /** What is wrong with the sockets of the file in force and was found out later: who has a port that was waited for. */
  problems(): readonly Problem[];
  /** The same, and what was wrong with the file when it was last read. */
  allProblems(): readonly Problem[];
  /** From now on nothing comes into force, not even what is under way; then the proxy ends. @see LlmProxy.close */
  close(mostMs?: number): Promise<void>;
}

export const createDeployment = (options: DeploymentOptions): Deployment => {
  const { proxy } = options;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting: Promise<Outcome> | undefined;
  let inForce: Uint8Array | undefined;
  let isClosed = false;
  let last: Outcome | undefined;
  const deployNow = async (): Promise<Outcome> => {
    waiting = undefined;
    try {
      const ready = await prepare(options);
      // Asked at the last moment: a stop that came while the file was read must not be followed by a start.
      if (isClosed) return { kind: "closed" };
      if ("outcome" in ready) {
        if (ready.outcome.kind === "rejected") proxy.refused();
        return ready.outcome;
      }
      const outcome = await bringIntoForce(proxy, ready);
      // Also a text that means the same: problems are shown at its lines.
      if (outcome.kind !== "rejected") inForce = ready.source;
      return outcome;
    } catch (error) {
      return { kind: "rejected", problems: [internalProblem(error)] };
    }
  };
  const problems = (): readonly Problem[] =>
    proxy.status().listeners.flatMap(({ problem }) => (problem === undefined || inForce === undefined ? [] : [place(problem, inForce)]));
  return {
    deploy() {
      waiting ??= turn.then(deployNow).then((outcome) => (last = outcome));
      turn = waiting;
      return waiting;
    },
    problems,
    allProblems: () => [...last !== undefined && "problems" in last ? last.problems : [], ...problems()],
    close(mostMs) {
      isClosed = true;
      return proxy.close(mostMs);
    },
  };
};

interface Ready {
  readonly source: Uint8Array;
  readonly config: Config;
  readonly loaded: Loaded;
}

/** The configuration that the file means now, or why it means none. */
const prepare = async ({ read, load, adjust = (config) => config }: DeploymentOptions): Promise<Ready | { readonly outcome: Outcome }> => {
  let source: Uint8Array | undefined;
  try {
    source = await read();
  } catch (error) {
    return { outcome: { kind: "rejected", problems: [unreadable(error)] } };
  }
  if (source === undefined) return { outcome: { kind: "missing" } };
  const loaded = await load(source);
  // A file that is just being written is empty for a moment.
  if (loaded.isEmpty === true) return { outcome: { kind: "empty" } };
  if (loaded.config === undefined) return { outcome: { kind: loaded.isHeld === true ? "held" : "rejected", problems: loaded.problems, ...pointsTo(loaded) } };
  return { source, loaded, config: adjust(loaded.config) };
};

const bringIntoForce = async (proxy: LlmProxy, { source, config, loaded }: Ready): Promise<Outcome> => {
  const applied = await proxy.apply(config);
  if (applied.result !== "rejected") return { kind: applied.result, problems: loaded.problems, ...pointsTo(loaded) };
  const [first] = applied.problems;
  return {
    kind: "rejected",
    problems: [...loaded.problems, ...applied.problems.map((problem) => place(problem, source))],
    ...pointsTo(loaded),
    ...(first === undefined ? {} : { bindError: first.code }),
  };
};

const pointsTo = ({ files }: Loaded): PointsTo => (files === undefined ? {} : { files });

/** A problem that showed only when sockets were bound, put at its line. */
const place = ({ path, message, hint, freePort }: ApplyProblem, source: Uint8Array): Problem => {
  const parsed = parse(new TextDecoder().decode(source));
  const file = "file" in parsed ? parsed.file : undefined;
  const fixes = file === undefined || freePort === undefined ? [] : [portFix(file, path, freePort), nextPortFix(file, path)];
  return { severity: "error", message, hint, path, range: file?.valueRange(path) ?? fileStart, ...withFixes(fixes) };
};

/** A fault of ours is no reason to stop following the file: the next save may do without it. */
const internalProblem = (error: unknown): Problem => ({
  severity: "error",
  message: `The proxy failed to take the file over: ${error instanceof Error ? error.message : String(error)}.`,
  hint: "This is a fault of the proxy's own. What ran before runs on; change the file, or report the fault.",
  path: [],
  range: fileStart,
});

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
