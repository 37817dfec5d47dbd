import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { askUsage, type Load, type LoadResult, type Usage } from "./messages.ts";

/** A server in a process of its own. */
export interface MeasuredServer {
  readonly port: number;
  /** Processor time of its process until now, by its own accounting, in microseconds. */
  cpuMicros(): Promise<number>;
}

export interface ServerOptions {
  /** The program: a path from this folder. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  /** A file for what the server logs; absent = with the bench's own errors. */
  readonly logFile?: string;
}

/** Longer than any round takes: whoever waits for a process that hangs is told so, and not left waiting. */
const deadlineMs = 60_000;

/** The processes of one run; `endAll` leaves none behind. */
export const createChildren = (): {
  startServer(options: ServerOptions): Promise<MeasuredServer>;
  startClient(): (load: Load) => Promise<LoadResult>;
  endAll(): Promise<void>;
} => {
  const children = new Set<ChildProcess>();
  const start = (options: ServerOptions): ChildProcess => {
    const child = startChild(options);
    children.add(child);
    child.once("exit", () => children.delete(child));
    return child;
  };
  return {
    async startServer(options) {
      const child = start({ ...options, execArgv: ["--import", path("report-usage.ts"), ...(options.execArgv ?? [])] });
      const port = await listeningPort(child, options.program);
      return {
        port,
        cpuMicros: async () => ((await ask(child, askUsage, options.program)) as Usage).cpuMicros,
      };
    },
    startClient() {
      const child = start({ program: "client.ts" });
      return async (load) => (await ask(child, load, "The client")) as LoadResult;
    },
    async endAll() {
      await Promise.all(
        [...children].map(async (child) => {
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          const killer = setTimeout(() => child.kill("SIGKILL"), 5000);
          await ended;
          clearTimeout(killer);
        }),
      );
    },
  };
};

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const startChild = ({ program, args = [], execArgv = [], logFile }: ServerOptions): ChildProcess => {
  const log = logFile === undefined ? undefined : openSync(logFile, "a");
  const child = fork(path(program), [...args], {
    execArgv: ["--disable-warning=ExperimentalWarning", ...execArgv],
    stdio: ["ignore", "pipe", log ?? "inherit", "ipc"],
  });
  if (log !== undefined) closeSync(log);
  return child;
};

/** The port that a server names in its first line of JSON with `"event": "listening"`. */
const listeningPort = (child: ChildProcess, program: string): Promise<number> =>
  withDeadline(`${program} did not begin to listen`, (resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${program} ended with code ${code} instead of listening.`)));
    if (child.stdout === null) return reject(new Error(`${program} has no output to read.`));
    createInterface(child.stdout).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const event = JSON.parse(line) as { readonly event: string; readonly url: string };
      if (event.event === "listening") resolve(Number(new URL(event.url).port));
    });
  });

const ask = (child: ChildProcess, question: Load | string, name: string): Promise<unknown> =>
  withDeadline(`${name} did not answer`, (resolve, reject) => {
    child.once("message", resolve);
    child.send(question, (error) => {
      if (error !== null) reject(error);
    });
  });

const withDeadline = <Result>(
  complaint: string,
  work: (resolve: (result: Result) => void, reject: (error: Error) => void) => void,
): Promise<Result> =>
  new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${complaint} within ${deadlineMs / 1000} s.`)), deadlineMs);
    const settle = <Value>(then: (value: Value) => void) => (value: Value): void => {
      clearTimeout(timer);
      then(value);
    };
    work(settle(resolve), settle(reject));
  });
