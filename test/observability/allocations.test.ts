import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { logExchange } from "../../src/observability/exchange.ts";
import { createFigures } from "../../src/observability/figures.ts";
import { createLog } from "../../src/observability/log.ts";
import { createRecord } from "../../src/policies/policy.ts";
import { echoTarget } from "../support/config.ts";
import { exchangeOf } from "../support/exchange.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const heapUsed = (): number => {
  // Twice: what the first finds unreachable may hold what only the second does.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const cases = suite("observability/allocations");

cases("two hundred thousand requests leave nothing behind in figures and log", () => {
  let now = 0;
  let lines = 0;
  const figures = createFigures({ monotonic: () => now }, "0.0.0");
  figures.configured([{ name: "fast", targets: [echoTarget()] }], true);
  const log = createLog((_level, line) => void (lines += Math.sign(line().length)), { level: "info", format: "text" });
  const local = figures.of("local");
  const observe = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      now += 7;
      const record = Object.assign(createRecord(), {
        route: "main", protocol: "openai-chat", alias: index % 2 === 0 ? "fast" : `junk-${index}`, model: "echo/echo", status: 200,
        admittedMs: 1, readMs: 2, chosenMs: 3, firstPartMs: 10 + (index % 90), partCount: 12, inputTokens: index % 1000, outputTokens: 11, waitedMs: 90,
      });
      local.began();
      local.ended(record, { durationMs: 100 + (index % 1000), clientLeft: index % 10 === 0 });
      logExchange(log, { ...exchangeOf(), id: `request-${index}`, record }, 100);
      if (index % 1000 === 0) figures.totals();
    }
  };
  observe(20_000);
  const before = heapUsed();
  observe(200_000);
  const grown = heapUsed() - before;
  assert.is(lines, 220_000);
  // A number for each request would be 1.6 MB.
  assert.ok(grown < 200_000, `${grown} bytes were left`);
});

cases.run();
