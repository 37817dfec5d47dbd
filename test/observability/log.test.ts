import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createLog, type LogLevel } from "../../src/observability/log.ts";

const cases = suite("observability/log");

const linesOf = (format: "text" | "json", level: LogLevel = "debug"): { lines: string[]; log: ReturnType<typeof createLog> } => {
  const lines: string[] = [];
  return { lines, log: createLog((_level, line) => void lines.push(line()), { level, format }) };
};

cases("a line of JSON holds time, level and event, then what is known", () => {
  const { lines, log } = linesOf("json");
  log.warn("attempt failed", { id: 'a "b"\n', status: 503, streamed: false, warnings: ["seed"], model: undefined });
  log.info("listening");
  log.info("listening", { id: undefined });
  const [failed, bare, nothingKnown] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const { time, ...facts } = failed ?? {};
  assert.is(new Date(String(time)).toISOString(), time);
  assert.equal(facts, { level: "warn", event: "attempt failed", id: 'a "b"\n', status: 503, streamed: false, warnings: ["seed"] });
  assert.equal(Object.keys(bare ?? {}), ["time", "level", "event"]);
  assert.equal(Object.keys(nothingKnown ?? {}), ["time", "level", "event"]);
});

cases("a line of text stays one line, whatever a value holds", () => {
  const { lines, log } = linesOf("text");
  log.info("request", { route: "/v1", alias: "a\nb c", warnings: ["seed", "top_p"], status: 200, model: undefined });
  assert.match(lines[0] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}request route=\/v1 alias="a\\nb c" warnings="seed,top_p" status=200$/);
});

cases("a line's time is that of its writing", async () => {
  const { lines, log } = linesOf("json");
  const before = Date.now();
  log.info("first");
  while (Date.now() === before) await new Promise(setImmediate);
  log.info("second");
  const times = lines.map((line) => Date.parse((JSON.parse(line) as { time: string }).time));
  assert.ok((times[0] ?? 0) >= before && (times[1] ?? 0) > (times[0] ?? 0));
});

cases("lines below the level are not made", () => {
  const { lines, log } = linesOf("text", "warn");
  log.debug("one");
  log.info("two");
  log.warn("three");
  log.error("four");
  assert.is(lines.length, 2);
});

cases.run();
