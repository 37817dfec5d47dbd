import type { Clock } from "../services.ts";

/** What was observed in some span of time; durations in milliseconds. All numbers are 0 where `count` is. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface Recent {
  /** @param now by the clock, for who has looked at it already */
  observe(ms: number, now?: number): void;
  summary(): Spans;
}

/** The same over three spans of time. */
export interface Spans {
  readonly lastMinute: Summary;
  readonly lastHour: Summary;
  readonly sinceStart: Summary;
}


/**
 * Buckets grow by the twelfth root of ten. A percentile is guessed within its bucket, as if what is in there were spread
 * evenly: it is at most 22 percent off from 0.1 ms to 3 hours, and never above the largest that was observed.
 */
const stepsPerDecade = 12;
const smallestMs = 0.1;
const bucketCount = 8 * stepsPerDecade + 1;

/** Average and percentiles of the last minute, the last hour and since the start, in memory that does not grow. */
export const createRecent = (clock: Pick<Clock, "monotonic">): Recent => {
  const minute = createWindow(60_000, 12);
  const hour = createWindow(3_600_000, 12);
  const start = createBuckets();
  // What is observed costs one look at one set of buckets; the others get it when its five seconds are over, or somebody asks.
  const latest = createBuckets();
  let latestFrom = 0;
  let latestUntil = 0;
  const fold = (now: number): void => {
    for (const buckets of [minute.at(latestFrom), hour.at(latestFrom), start]) addAll(buckets, latest);
    empty(latest);
    latestFrom = now;
    latestUntil = minute.endOfSlot(now);
  };
  return {
    observe(ms, now = clock.monotonic()) {
      if (now >= latestUntil) fold(now);
      add(latest, bucketOf(ms), ms);
    },
    summary() {
      const now = clock.monotonic();
      fold(now);
      return { lastMinute: summarize(minute.live(now)), lastHour: summarize(hour.live(now)), sinceStart: summarize([start]) };
    },
  };
};

interface Buckets {
  readonly counts: Float64Array;
  sum: number;
  max: number;
  /** Which slot of time it counts, from the clock's zero on. */
  slot: number;
}

const createBuckets = (): Buckets => ({ counts: new Float64Array(bucketCount), sum: 0, max: 0, slot: -1 });

const add = (buckets: Buckets, bucket: number, ms: number): void => {
  buckets.counts[bucket] = (buckets.counts[bucket] ?? 0) + 1;
  buckets.sum += ms;
  if (ms > buckets.max) buckets.max = ms;
};

const addAll = (buckets: Buckets, more: Buckets): void => {
  for (let bucket = 0; bucket < bucketCount; bucket += 1) buckets.counts[bucket] = (buckets.counts[bucket] ?? 0) + (more.counts[bucket] ?? 0);
  buckets.sum += more.sum;
  buckets.max = Math.max(buckets.max, more.max);
};

const empty = (buckets: Buckets): void => {
  buckets.counts.fill(0);
  buckets.sum = 0;
  buckets.max = 0;
};

const bucketOf = (ms: number): number =>
  ms <= smallestMs ? 0 : Math.min(bucketCount - 1, Math.ceil(Math.log10(ms / smallestMs) * stepsPerDecade));

/** The upper bound of a bucket. */
const boundOf = (bucket: number): number => smallestMs * 10 ** (bucket / stepsPerDecade);

/** A ring of slots: one that comes round again is emptied before it is used. */
const createWindow = (spanMs: number, slots: number): { at(now: number): Buckets; live(now: number): readonly Buckets[]; endOfSlot(now: number): number } => {
  const ring = Array.from({ length: slots }, createBuckets);
  const slotAt = (now: number): number => Math.floor(now / (spanMs / slots));
  return {
    at(now) {
      const slot = slotAt(now);
      const buckets = ring[slot % slots] ?? createBuckets();
      if (buckets.slot !== slot) {
        empty(buckets);
        buckets.slot = slot;
      }
      return buckets;
    },
    live: (now) => ring.filter(({ slot }) => slot > slotAt(now) - slots),
    endOfSlot: (now) => (slotAt(now) + 1) * (spanMs / slots),
  };
};

/** In plain loops over numbers: it runs at each look at health, many times over. */
const summarize = (all: readonly Buckets[]): Summary => {
  const counts = new Float64Array(bucketCount);
  let [count, sum, max] = [0, 0, 0];
  for (const buckets of all) {
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      const bucketed = buckets.counts[bucket] ?? 0;
      counts[bucket] = (counts[bucket] ?? 0) + bucketed;
      count += bucketed;
    }
    sum += buckets.sum;
    if (buckets.max > max) max = buckets.max;
  }
  if (count === 0) return { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
  const percentile = (share: number): number => valueAt(Math.ceil(count * share), counts, max);
  return { count, mean: sum / count, p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99), max };
};

/** The value of a rank, from 1: as far into its bucket as the rank is into the bucket's values. */
const valueAt = (rank: number, counts: Float64Array, max: number): number => {
  let below = 0;
  const bucket = counts.findIndex((bucketed) => {
    below += bucketed;
    return below >= rank;
  });
  const within = counts[bucket] ?? 1;
  const share = (rank - (below - within) - 0.5) / within;
  const upper = Math.min(max, boundOf(bucket));
  if (bucket === 0) return upper * share;
  const lower = Math.min(upper, boundOf(bucket - 1));
  return lower * (upper / lower) ** share;
};
