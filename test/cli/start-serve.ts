import type { CommandIo } from "../../src/cli/command.ts";
import { serve } from "../../src/cli/serve.ts";
import { createRecordedIo, type RecordedIo } from "./command-io.ts";

/** `llm-proxy serve` in this process: what it says on the way; `said` waits for a line, `stop` interrupts it. */
export const startServe = (folder: string, args: readonly string[], env: CommandIo["env"] = { CI_KEY: "key" }) => {
  const stop = Promise.withResolvers<void>();
  const waiting = new Set<() => void>();
  const recorded = createRecordedIo(folder, env);
  const io: RecordedIo = {
    ...recorded,
    out(line) {
      recorded.out(line);
      for (const look of waiting) look();
    },
    interrupted: () => stop.promise,
  };
  const ended = serve.run(args, io);
  const said = (expected: RegExp): Promise<void> => new Promise((resolve) => {
    const look = (): void => {
      if (!io.outLines.some((line) => expected.test(line))) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    look();
  });
  return { io, said, stop: () => (stop.resolve(), ended) };
};
