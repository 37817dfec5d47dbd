import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { maxBuckets } from "../../src/limits/bucket-table.ts";
import { createMemoryStore } from "../../src/limits/memory-store.ts";
import type { Demand, LimitStore, Standing, Verdict } from "../../src/services.ts";
import { createHandClock, type HandClock } from "../support/hand-clock.ts";

const cases = suite("limits/memory-store");

const minuteMs = 60_000;
const create = (): { store: LimitStore; clock: HandClock } => {
  const clock = createHandClock();
  return { store: createMemoryStore(clock), clock };
};
const take = (store: LimitStore, ...demands: readonly Demand[]): Verdict => store.take(demands) as Verdict;
const demand = (changes: Partial<Demand> = {}): Demand => ({ limit: "route main requestsPerMinute", subject: "a", size: 60, periodMs: minuteMs, cost: 1, ...changes });
const slot = (changes: Partial<Demand> = {}): Demand => {
  const { periodMs: _, ...held } = demand({ limit: "route main maxParallelRequests", size: 2, ...changes });
  return held;
};

cases("lets through as many at once as there are, then one for each share of the minute", () => {
  const { store, clock } = create();
  for (let count = 0; count < 60; count += 1) assert.is(take(store, demand()).isAdmitted, true);
  const refused = take(store, demand());
  assert.is(refused.isAdmitted, false);
  assert.equal(refused.standings.map(({ remaining, resetMs, waitMs }) => [remaining, resetMs, waitMs]), [[0, 60_000, 1000]]);
  clock.advance(999);
  assert.is(take(store, demand()).standings[0]?.waitMs, 1);
  clock.advance(1);
  const admitted = take(store, demand());
  assert.is(admitted.isAdmitted, true);
  assert.is(take(store, demand()).isAdmitted, false);
});

cases("is the same for every subject and limit, and apart for each", () => {
  const { store } = create();
  const one = demand({ size: 1 });
  assert.is(take(store, one).isAdmitted, true);
  assert.is(take(store, one).isAdmitted, false);
  assert.is(take(store, { ...one, subject: "b" }).isAdmitted, true);
  assert.is(take(store, { ...one, limit: "route other requestsPerMinute" }).isAdmitted, true);
});

cases("takes from all or from none", () => {
  const { store } = create();
  const [wide, narrow] = [demand(), demand({ limit: "key ci requestsPerDay", size: 1, periodMs: 86_400_000 })];
  assert.is(take(store, wide, narrow, slot()).isAdmitted, true);
  const refused = take(store, wide, narrow, slot());
  assert.is(refused.isAdmitted, false);
  assert.equal(refused.standings.map(({ waitMs }) => waitMs), [0, 86_400_000, 0]);
  assert.is(take(store, wide).standings[0]?.remaining, 58);
  assert.is(take(store, slot()).standings[0]?.remaining, 0);
});

cases("lets in while anything is left, and takes what was used below zero", () => {
  const { store, clock } = create();
  const tokens = demand({ limit: "key ci tokensPerMinute", size: 1000, cost: 0 });
  assert.is(take(store, tokens).standings[0]?.remaining, 1000);
  void store.charge([tokens], 999);
  assert.is(take(store, tokens).isAdmitted, true);
  void store.charge([tokens], 501);
  const refused = take(store, tokens);
  assert.equal([refused.isAdmitted, refused.standings[0]?.remaining, refused.standings[0]?.waitMs], [false, 0, 30_001]);
  clock.advance(30_000);
  assert.is(take(store, tokens).isAdmitted, false);
  clock.advance(1);
  assert.is(take(store, tokens).isAdmitted, true);
});

cases("holds a slot until it is released", () => {
  const { store } = create();
  assert.is(take(store, slot()).isAdmitted, true);
  assert.is(take(store, slot()).isAdmitted, true);
  const refused = take(store, slot());
  assert.equal([refused.isAdmitted, refused.standings[0]?.waitMs], [false, 1000]);
  assert.is(take(store, slot({ subject: "b" })).isAdmitted, true);
  void store.release([slot()]);
  assert.is(take(store, slot()).isAdmitted, true);
});

cases("a limit that changes leaves everybody as full as they were, in proportion", () => {
  const { store, clock } = create();
  for (let count = 0; count < 45; count += 1) take(store, demand());
  const larger = demand({ size: 120 });
  void store.resize([larger]);
  assert.is(take(store, larger).standings[0]?.remaining, 29);
  const smaller = demand({ size: 4 });
  void store.resize([smaller]);
  assert.is(take(store, smaller).isAdmitted, false);
  clock.advance(15_000);
  assert.is(take(store, smaller).isAdmitted, true);
  const others = demand({ size: 4, subject: "b" });
  assert.is(take(store, others).standings[0]?.remaining, 3);
  const debt = demand({ limit: "tokens", size: 100, cost: 0 });
  void store.charge([debt], 150);
  void store.resize([{ ...debt, size: 1000 }]);
  assert.is(take(store, { ...debt, size: 1000 }).standings[0]?.waitMs, 30_001);
});

for (const size of [1_000_000, 1000]) {
  cases(`a request from before the limit became ${size} is charged what it used, and changes no size`, () => {
    const { store } = create();
    const old = demand({ limit: "key ci tokensPerDay", size: 100_000, periodMs: 86_400_000, cost: 0 });
    const now = { ...old, size };
    take(store, old);
    void store.resize([now]);
    void store.charge([old], 41);
    assert.is((store.look([now]) as readonly Standing[])[0]?.remaining, size - 41);
    take(store, old);
    void store.look([old]);
    void store.charge([old, now], 9);
    assert.is(take(store, now).standings[0]?.remaining, size - 59);
  });
}

/** One limit for a few subjects, as simple as it can be said: what was taken when, in exact fractions. */
const createReference = (size: number, periodMs: number) => {
  const levels = new Map<string, { level: bigint; at: number }>();
  const full = BigInt(size) * BigInt(periodMs);
  const levelAt = (subject: string, now: number): bigint => {
    const { level, at } = levels.get(subject) ?? { level: full, at: now };
    const grown = level + BigInt(now - at) * BigInt(size);
    return grown > full ? full : grown;
  };
  return {
    take(subject: string, now: number): boolean {
      const level = levelAt(subject, now);
      const isAdmitted = level >= BigInt(periodMs);
      levels.set(subject, { level: isAdmitted ? level - BigInt(periodMs) : level, at: now });
      return isAdmitted;
    },
    charge: (subject: string, amount: number, now: number): void => void levels.set(subject, { level: levelAt(subject, now) - BigInt(amount) * BigInt(periodMs), at: now }),
    waitMs(subject: string, now: number): number {
      const missing = BigInt(periodMs) - levelAt(subject, now);
      return missing <= 0n ? 0 : Number((missing + BigInt(size) - 1n) / BigInt(size));
    },
  };
};

const events = fc.array(fc.record({
  elapsedMs: fc.oneof(fc.constant(0), fc.nat(2000), fc.nat(200_000)),
  subject: fc.constantFrom("a", "b", "c"),
  charge: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(50) }),
}), { minLength: 1, maxLength: 300 });

cases("admits and refuses as the simplest bucket does, and tells the same wait", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.constantFrom(minuteMs, 86_400_000), events, (size, periodMs, happened) => {
    const { store, clock } = create();
    const exact = createReference(size, periodMs);
    for (const { elapsedMs, subject, charge } of happened) {
      clock.advance(elapsedMs);
      const asked = demand({ size, periodMs, subject });
      const waitMs = exact.waitMs(subject, clock.now());
      const verdict = take(store, asked);
      assert.is(verdict.isAdmitted, exact.take(subject, clock.now()));
      if (!verdict.isAdmitted) assert.is(verdict.standings[0]?.waitMs, waitMs);
      if (charge === 0) continue;
      void store.charge([asked], charge);
      exact.charge(subject, charge, clock.now());
    }
  }), { numRuns: 300 });
});

cases("never lets more through in any stretch of time than it holds and what comes in meanwhile", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(10_000), { minLength: 2, maxLength: 200 }), (size, gaps) => {
    const { store, clock } = create();
    const admitted: number[] = [];
    for (const gap of gaps) {
      clock.advance(gap);
      if (take(store, demand({ size })).isAdmitted) admitted.push(clock.now());
    }
    for (const [first, from] of admitted.entries()) {
      for (const [last, until] of admitted.entries()) {
        if (last >= first) assert.ok(last - first + 1 <= size + (until - from) * size / minuteMs);
      }
    }
  }), { numRuns: 200 });
});

cases("a million addresses: memory is bounded, nobody gets more than one bucket holds, and old hands keep theirs", () => {
  const { store, clock } = create();
  const asked = (subject: string): Demand => demand({ size: 2, subject });
  const known = "203.0.113.1";
  take(store, asked(known));
  const before = memoryInUse();
  let admitted = 0;
  for (let address = 0; address < 1_000_000; address += 1) {
    if (address % 1000 === 0) clock.advance(1);
    if (take(store, asked(`10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`)).isAdmitted) admitted += 1;
  }
  const grownMiB = (memoryInUse() - before) / 1024 ** 2;
  assert.ok(grownMiB < 8, `${grownMiB.toFixed(1)} MiB for ${maxBuckets} buckets`);
  // Each of the first has a bucket of its own; all others share one, of two, that refills twice a minute.
  assert.ok(admitted >= maxBuckets - 1 && admitted <= maxBuckets + 3, String(admitted));
  assert.is(take(store, asked(known)).isAdmitted, true);
  assert.is(take(store, asked(known)).isAdmitted, false);
  assert.is(take(store, asked("192.0.2.1")).isAdmitted, false);
  clock.advance(minuteMs);
  assert.is(take(store, asked("192.0.2.1")).isAdmitted, true, "full buckets make room");
  assert.is(take(store, asked("192.0.2.2")).isAdmitted, true);
});

/** What is left once all garbage is gone. */
const memoryInUse = (): number => {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
};

cases("what is forgotten to make room gives nothing away", () => {
  const { store, clock } = create();
  const asked = (subject: string): Demand => demand({ size: 1, subject });
  let admitted = 0;
  for (let round = 0; round < 3; round += 1) {
    for (let address = 0; address < maxBuckets + 5000; address += 1) if (take(store, asked(`a${address}`)).isAdmitted) admitted += 1;
    clock.advance(1000);
  }
  assert.is(admitted, maxBuckets + 1);
});

cases.run();
