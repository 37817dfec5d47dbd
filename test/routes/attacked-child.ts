// A proxy in a process of its own, so that its memory is its own; run with --expose-gc. Tells its port, then answers each
// message with the most memory that it has had, what it has now and what of that is of bodies.
import { createHash } from "node:crypto";
import { routeOf } from "../support/config.ts";
import { withServer } from "../support/test-server.ts";
import { listenerOf } from "../support/config.ts";

const key = { name: "good", sha256: createHash("sha256").update("good-key").digest("hex") };

let peak = 0;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);

const tell = (message: unknown): void => void process.send?.(message);

const config = {
  // Every loopback address, so that a test can come from another one.
  listeners: [listenerOf({ host: "0.0.0.0", maxBodyBytes: 20 * 1024 ** 2 })],
  keys: [key],
  routes: [routeOf({ auth: { accepts: ["good"] } })],
};

await withServer({ config }, async ({ port }) => {
  const over = new Promise<void>((resolve) => process.once("disconnect", () => resolve()));
  process.on("message", () => {
    globalThis.gc?.();
    const { rss, arrayBuffers } = process.memoryUsage();
    tell({ peak, rss, buffers: arrayBuffers });
    peak = 0;
  });
  tell({ port });
  await over;
  clearInterval(sampling);
});
