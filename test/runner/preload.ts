// Loaded before a test file (`--import`): every import of uvu gets the watched one.
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";
import { runnerVariable } from "./events.ts";

const watched = new URL("watched-uvu.ts", import.meta.url).href;

// Workers and forked children inherit `--import`; descriptor 3 is the runner's only in the test process itself.
if (isMainThread && process.env[runnerVariable] === String(process.ppid)) {
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === "uvu" && context.parentURL !== watched
        ? { url: watched, format: "module-typescript", shortCircuit: true }
        : nextResolve(specifier, context),
  });
}
