import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { parseEvents, runnerVariable } from "./events.ts";
import { judge } from "./judge.ts";
import type { Verdict } from "./judge.ts";
import type { TestFile } from "./test-file.ts";

const preload = new URL("preload.ts", import.meta.url).href;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A finished process closes its output at once; one that takes longer has left a child that holds it. */
const outputGraceMs = 2000;

/** A file's verdict, what its process printed, and how long it took. */
export interface FileResult extends Verdict {
  readonly file: TestFile;
  readonly output: string;
  readonly seconds: number;
}

const running = new Set<ChildProcess>();

/** Ends the process and everything it started. On Windows a group cannot be signalled; taskkill walks the tree instead. */
const killTree = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody of the group is left, which is what was wanted.
  }
};

/** For a runner that is itself told to stop. */
export const killRunning = (): void => {
  for (const child of running) killTree(child);
};

const start = (file: TestFile): ChildProcess =>
  spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--import", preload, file.path], {
    cwd: root,
    // A group of its own, so that what a test leaves behind can be ended with it.
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, [runnerVariable]: String(process.pid), FORCE_COLOR: "0" },
  });

/** Runs one file in a process of its own, and ends it with all it started once it is done or its deadline is over. */
export const runFile = async (file: TestFile): Promise<FileResult> => {
  const began = performance.now();
  const child = start(file);
  running.add(child);
  let killedAfterSeconds: number | undefined;
  const deadline = setTimeout(() => {
    killedAfterSeconds = file.deadlineSeconds;
    killTree(child);
  }, file.deadlineSeconds * 1000);

  const [, stdout, stderr, events] = child.stdio as readonly Readable[] as readonly [
    null,
    Readable,
    Readable,
    Readable,
  ];
  let output = "";
  for (const stream of [stdout, stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const reads = Promise.all([text(stdout), text(events)]);
  const closed = once(child, "close");
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  clearTimeout(deadline);
  const leftProcess = (await Promise.race([closed, sleep(outputGraceMs, "held", { ref: false })])) === "held";
  killTree(child);
  running.delete(child);

  const [printed, told] = await reads;
  const verdict = judge({
    exit: signal ?? code ?? 1,
    stdout: printed,
    events: parseEvents(told),
    leftProcess,
    ...(killedAfterSeconds === undefined ? {} : { killedAfterSeconds }),
  });
  return { ...verdict, file, output, seconds: (performance.now() - began) / 1000 };
};
