import type { Clock } from "../services.ts";

/** What was observed in some span of time; durations in milliseconds. All numbers are 0 where `count` is. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface Recent {
  observe(ms: number): void;
  summary(): { readonly lastMinute: Summary; readonly lastHour: Summary; readonly sinceStart: Summary };
}

/** Buckets grow by the twelfth root of ten: a percentile is told at most 22 percent too high, from 0.1 ms to 3 hours. */
const stepsPerDecade = 12;
const smallestMs = 0.1;
const bucketCount = 8 * stepsPerDecade + 1;

/** Average and percentiles of the last minute, the last hour and since the start, in memory that does not grow. */
export const createRecent = (clock: Pick<Clock, "monotonic">): Recent => {
  const minute = createWindow(clock, 60_000, 12);
  const hour = createWindow(clock, 3_600_000, 12);
  const start = createBuckets();
  return {
    observe(ms) {
      const bucket = bucketOf(ms);
      for (const buckets of [minute.current(), hour.current(), start]) add(buckets, bucket, ms);
    },
    summary: () => ({ lastMinute: summarize(minute.live()), lastHour: summarize(hour.live()), sinceStart: summarize([start]) }),
  };
};

interface Buckets {
  readonly counts: Float64Array;
  sum: number;
  /** Which slot of time it counts, from the clock's zero on. */
  slot: number;
}

const createBuckets = (): Buckets => ({ counts: new Float64Array(bucketCount), sum: 0, slot: -1 });

const add = (buckets: Buckets, bucket: number, ms: number): void => {
  buckets.counts[bucket] = (buckets.counts[bucket] ?? 0) + 1;
  buckets.sum += ms;
};

const bucketOf = (ms: number): number =>
  ms <= smallestMs ? 0 : Math.min(bucketCount - 1, Math.ceil(Math.log10(ms / smallestMs) * stepsPerDecade));

/** The upper bound of a bucket. */
const boundOf = (bucket: number): number => smallestMs * 10 ** (bucket / stepsPerDecade);

/** A ring of slots: one that comes round again is emptied before it is used. */
const createWindow = (clock: Pick<Clock, "monotonic">, spanMs: number, slots: number): { current(): Buckets; live(): readonly Buckets[] } => {
  const ring = Array.from({ length: slots }, createBuckets);
  const slotNow = (): number => Math.floor(clock.monotonic() / (spanMs / slots));
  return {
    current() {
      const slot = slotNow();
      const buckets = ring[slot % slots] ?? createBuckets();
      if (buckets.slot !== slot) {
        buckets.counts.fill(0);
        buckets.sum = 0;
        buckets.slot = slot;
      }
      return buckets;
    },
    live: () => ring.filter(({ slot }) => slot > slotNow() - slots),
  };
};

const summarize = (all: readonly Buckets[]): Summary => {
  const counts = Array.from({ length: bucketCount }, (_, bucket) => all.reduce((sum, buckets) => sum + (buckets.counts[bucket] ?? 0), 0));
  const count = counts.reduce((sum, bucketed) => sum + bucketed, 0);
  if (count === 0) return { count: 0, mean: 0, p50: 0, p90: 0, p99: 0 };
  const percentile = (share: number): number => {
    let left = Math.ceil(count * share);
    return boundOf(counts.findIndex((bucketed) => (left -= bucketed) <= 0));
  };
  return { count, mean: all.reduce((sum, buckets) => sum + buckets.sum, 0) / count, p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99) };
};
