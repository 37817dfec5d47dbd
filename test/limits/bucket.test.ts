import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bucketMath, type Bucket } from "../../src/limits/bucket.ts";

const cases = suite("limits/bucket");

const minuteMs = 60_000;
const dayMs = 86_400_000;

const sizes = fc.record({ size: fc.integer({ min: 1, max: 1_000_000 }), periodMs: fc.constantFrom(minuteMs, dayMs) });
const steps = fc.array(fc.record({ elapsedMs: fc.oneof(fc.nat(100), fc.nat(dayMs * 2)), take: fc.nat(2_000_000) }), { maxLength: 40 });

/** The same in exact fractions: levels in units of 1/periodMs of one. */
const reference = (size: number, periodMs: number) => {
  const full = BigInt(size) * BigInt(periodMs);
  let level = full;
  return {
    pass(ms: number): void {
      level += BigInt(ms) * BigInt(size);
      if (level > full) level = full;
    },
    take: (amount: number): void => void (level -= BigInt(amount) * BigInt(periodMs)),
    holds: (amount: number): boolean => level >= BigInt(amount) * BigInt(periodMs),
    whole: (): number => Number(level < 0n ? 0n : level / BigInt(periodMs)),
  };
};

cases("is exact, whatever is taken at whatever times", () => {
  fc.assert(fc.property(sizes, steps, ({ size, periodMs }, taken) => {
    const math = bucketMath({ size, periodMs });
    const bucket: Bucket = { level: math.full, at: 0 };
    const exact = reference(size, periodMs);
    let now = 0;
    for (const { elapsedMs, take } of taken) {
      now += elapsedMs;
      math.refill(bucket, now);
      exact.pass(elapsedMs);
      bucket.level -= take * math.one;
      exact.take(take);
      assert.is(Math.max(0, Math.floor(bucket.level / math.one)), exact.whole());
      assert.ok(Number.isSafeInteger(bucket.level) || take > 0);
    }
  }), { numRuns: 500 });
});

cases("tells the exact wait: a millisecond less is too early", () => {
  fc.assert(fc.property(sizes, steps, fc.integer({ min: 1, max: 1_000_000 }), ({ size, periodMs }, taken, wanted) => {
    const amount = Math.min(wanted, size);
    const math = bucketMath({ size, periodMs });
    const bucket: Bucket = { level: math.full, at: 0 };
    let now = 0;
    for (const { elapsedMs, take } of taken) {
      math.refill(bucket, now += elapsedMs);
      bucket.level -= Math.min(take, size) * math.one;
    }
    const waitMs = math.until(bucket, amount * math.one);
    const levelAfter = (ms: number): number => {
      const later = { ...bucket };
      math.refill(later, now + ms);
      return later.level;
    };
    assert.ok(levelAfter(waitMs) >= amount * math.one);
    if (waitMs > 0) assert.ok(levelAfter(waitMs - 1) < amount * math.one);
  }), { numRuns: 500 });
});

cases("gains nothing from a clock that is set back", () => {
  const math = bucketMath({ size: 60, periodMs: minuteMs });
  const bucket: Bucket = { level: 0, at: 1_000_000 };
  math.refill(bucket, 0);
  assert.is(bucket.level, 0);
  math.refill(bucket, 1000);
  assert.is(bucket.level, math.one);
});

cases.run();
