import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExitCode } from "../../src/cli/command.ts";
import { serve } from "../../src/cli/serve.ts";
import { createRecordedIo } from "./command-io.ts";

/** One line of `serve --json`. */
export interface ServeEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** `llm-proxy serve --json` in a folder of its own, in this process. */
export interface Serving {
  readonly folder: string;
  /** All events so far. */
  readonly events: readonly ServeEvent[];
  /** The next event of a name that no earlier call has given; waits for it. Fails when the command ends before. */
  next(name: string): Promise<ServeEvent>;
  /** Interrupts the command, and waits for its end. */
  stop(): Promise<ExitCode>;
}

/** Runs `prepare` in a new folder, serves it, runs `work`, and stops whatever happens. */
export const withServe = async (prepare: (folder: string) => void, work: (serving: Serving) => Promise<void>, args: readonly string[] = []): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-serve-"));
  try {
    prepare(folder);
    const serving = startServing(folder, args);
    try {
      await work(serving);
    } finally {
      await serving.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const startServing = (folder: string, args: readonly string[]): Serving => {
  const events: ServeEvent[] = [];
  const watchers = new Set<() => void>();
  const given = new Map<string, number>();
  const interrupt = Promise.withResolvers<void>();
  let isOver = false;
  const notify = (): void => {
    for (const watch of watchers) watch();
  };
  const io = {
    ...createRecordedIo(folder),
    out(line: string) {
      events.push(JSON.parse(line) as ServeEvent);
      notify();
    },
    interrupted: () => interrupt.promise,
  };
  const ended = serve.run(["--json", ...args], io).finally(() => {
    isOver = true;
    notify();
  });
  return {
    folder,
    events,
    next: (name) => new Promise((resolve, reject) => {
      const watch = (): void => {
        const from = given.get(name) ?? 0;
        const index = events.findIndex(({ event }, place) => place >= from && event === name);
        const found = events[index];
        if (found === undefined && !isOver) return;
        watchers.delete(watch);
        given.set(name, index + 1);
        if (found === undefined) reject(new Error(`It ended without ${name}: ${JSON.stringify(events)} ${io.errLines.join("\n")}`));
        else resolve(found);
      };
      watchers.add(watch);
      watch();
    }),
    stop() {
      interrupt.resolve();
      return ended;
    },
  };
};
