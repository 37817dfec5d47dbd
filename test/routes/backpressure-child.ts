// A proxy in a process of its own, so that its memory is its own; run with --expose-gc. Tells its port, then answers each
// message with its memory, once nobody has asked the model for anything for a while.
import type { Batches } from "../../src/chat/call.ts";
import { createEchoHost } from "../../src/models/echo.ts";
import type { ModelHost } from "../../src/models/host.ts";
import { systemClock } from "../../src/services.ts";
import { echo } from "../support/config.ts";
import { withServer } from "../support/test-server.ts";

let pulled = 0;

const counted = async function* (batches: Batches): Batches {
  for await (const batch of batches) {
    pulled += 1;
    yield batch;
  }
};

/** The echo host, with an eye on how often it is asked for more. */
const countingHost = (): ModelHost => {
  const host = createEchoHost(systemClock);
  return {
    ...host,
    async resolve(target, context) {
      const resolution = await host.resolve(target, context);
      if (!("model" in resolution)) return resolution;
      const { model } = resolution;
      return { model: { ...model, chat: (request, call) => counted(model.chat(request, call)) } };
    },
  };
};

/** Turns of the event loop in which nothing was asked for, after which nothing will be. */
const quietTurns = 2000;

const quiet = async (): Promise<void> => {
  for (let turns = 0, seen = pulled; turns < quietTurns; turns += 1) {
    await new Promise(setImmediate);
    if (pulled === seen) continue;
    seen = pulled;
    turns = 0;
  }
};

const memory = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage.rss();
};

const tell = (message: unknown): void => void process.send?.(message);

await withServer({ config: { models: [echo("long", { parts: 50, partBytes: 1_000_000 })] }, hosts: { echo: countingHost() } }, async ({ port }) => {
  const over = new Promise<void>((resolve) => process.once("disconnect", () => resolve()));
  process.on("message", () => void quiet().then(() => tell({ rss: memory(), pulled })));
  tell({ port });
  await over;
});
