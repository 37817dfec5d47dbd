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
  for (const summary of [lastMinute, lastHour, sinceStart]) assert.equal(summary, { count: 0, mean: 0, p50: 0, p90: 0, p99: 0 });
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

cases("tells a percentile within 22 percent above the exact one, and the mean exactly", () => {
  assertProperty(property(array(double({ min: 0.2, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 200 }), (values) => {
    const recent = createRecent(createTime());
    for (const value of values) recent.observe(value);
    const { p50, p90, p99, mean, count } = recent.summary().lastMinute;
    const sorted = values.toSorted((a, b) => a - b);
    for (const [told, share] of [[p50, 0.5], [p90, 0.9], [p99, 0.99]] as const) {
      const exact = sorted[Math.ceil(values.length * share) - 1] ?? 0;
      assert.ok(told >= exact * 0.999 && told <= exact * 1.22, `${told} for ${exact}`);
    }
    assert.is(count, values.length);
    assert.ok(Math.abs(mean - values.reduce((sum, value) => sum + value, 0) / values.length) < 1e-6 * mean + 1e-9);
  }));
});

cases.run();
