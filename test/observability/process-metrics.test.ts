import { createRequire } from "node:module";
import performanceHooks from "node:perf_hooks";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createTestApp } from "../support/test-app.ts";

const cases = suite("observability/process-metrics");

const require = createRequire(import.meta.url);

// prom-client takes it from here at the time of its call.
let monitors = 0;
const { monitorEventLoopDelay } = performanceHooks;
performanceHooks.monitorEventLoopDelay = (options) => {
  monitors += 1;
  return monitorEventLoopDelay(options);
};

const isLoaded = (): boolean => Object.keys(require.cache).some((path) => path.includes("prom-client"));

const scrape = async (app: ReturnType<typeof createTestApp>, accept = "text/plain"): Promise<string> => (await app.get("/metrics", { accept })).text();

/** How many samples have this name. */
const countOf = (text: string, name: string): number => [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? `, "gm"))].length;

cases("nothing is loaded or measured before the first scrape, and one scrape measures for all proxies of the process", async () => {
  const apps = [createTestApp(), createTestApp(), createTestApp()];
  for (const app of apps) await (await app.post({ model: "echo", messages: [{ role: "user", content: "hi" }] })).text();
  assert.equal([isLoaded(), monitors], [false, 0]);
  for (const app of apps) {
    const text = await scrape(app);
    assert.equal(["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_seconds"].map((name) => countOf(text, name)), [1, 1, 1]);
  }
  assert.equal([isLoaded(), monitors], [true, 1]);
});

cases("a scrape in OpenMetrics form leaves the names of the other form as they are", async () => {
  const app = createTestApp();
  const names = async (): Promise<readonly string[]> => [...(await scrape(app)).matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
  const before = await names();
  await scrape(app, "application/openmetrics-text");
  assert.equal(await names(), before);
});

cases("counters alone are called totals", async () => {
  const types = [...(await scrape(createTestApp())).matchAll(/^# TYPE (\S+) (\S+)/gm)];
  assert.equal(types.filter(([, name = "", type]) => name.endsWith("_total") !== (type === "counter")), []);
});

cases("the registry that prom-client shares with everybody stays empty", async () => {
  await scrape(createTestApp());
  const { register } = await import("prom-client");
  assert.equal(register.getMetricsAsArray(), []);
});

cases.run();
