import { suite } from "uvu";
import * as assert from "uvu/assert";
import { array, assert as assertProperty, double, property } from "fast-check";
import { createRecent } from "../../src/observability/recent.ts";

const cases = suite("observability/recent");

const createTime = (): { monotonic(): number; pass(ms: number): void } => {
  let now = 0;
  return { monotonic: () => now, pass: (ms) => void (now += ms) };
};

cases("is empty before anything was observed", () => {
  const { lastMinute, lastHour, sinceStart } = createRecent(createTime()).summary();
  for (const summary of [lastMinute, lastHour, sinceStart]) assert.equal(summary, { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
});

cases("forgets after a minute and after an hour, and keeps what was since the start", () => {
  const time = createTime();
  const recent = createRecent(time);
  recent.observe(100);
  time.pass(61_000);
  recent.observe(300);
  assert.is(recent.summary().lastMinute.count, 1);
  assert.is(recent.summary().lastMinute.mean, 300);
  assert.is(recent.summary().lastHour.mean, 200);
  time.pass(3_660_000);
  assert.is(recent.summary().lastHour.count, 0);
  assert.equal(recent.summary().sinceStart.count, 2);
});

cases("tells a percentile within 22 percent of the exact one and never above the largest, and the mean exactly", () => {
  assertProperty(property(array(double({ min: 0.2, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 200 }), (values) => {
    const recent = createRecent(createTime());
    for (const value of values) recent.observe(value);
    const { p50, p90, p99, mean, count, max } = recent.summary().lastMinute;
    const sorted = values.toSorted((a, b) => a - b);
    for (const [told, share] of [[p50, 0.5], [p90, 0.9], [p99, 0.99]] as const) {
      const exact = sorted[Math.ceil(values.length * share) - 1] ?? 0;
      assert.ok(told >= exact / 1.22 && told <= exact * 1.22, `${told} for ${exact}`);
      assert.ok(told <= max, `${told} is above ${max}`);
    }
    assert.is(max, sorted.at(-1));
    assert.is(count, values.length);
    assert.ok(Math.abs(mean - values.reduce((sum, value) => sum + value, 0) / values.length) < 1e-6 * mean + 1e-9);
  }));
});

cases("a thousand values between 100 and 200 ms have percentiles between them, not at the edges of buckets", () => {
  const recent = createRecent(createTime());
  for (let index = 0; index < 1000; index += 1) recent.observe(100 + index / 10);
  const { p50, p90, p99 } = recent.summary().sinceStart;
  for (const [told, exact] of [[p50, 150], [p90, 190], [p99, 199]] as const) assert.ok(Math.abs(told - exact) < 0.03 * exact, `${told} for ${exact}`);
});

cases.run();
