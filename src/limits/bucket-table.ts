import { bucketMath, type Bucket, type BucketMath, type BucketSize } from "./bucket.ts";

/** The buckets of one limit, by whose they are. */
export interface BucketTable {
  /** The bucket of a subject, up to date. What happens to it is kept by `keep`. */
  find(subject: string, now: number): Bucket;
  keep(subject: string, bucket: Bucket): void;
  readonly math: BucketMath;
  readonly size: BucketSize;
  /** The same subjects with buckets of another size: each as full as it was, in proportion. */
  resize(size: BucketSize, now: number): BucketTable;
  /** Every bucket that is not full. */
  entries(): Iterable<readonly [subject: string, bucket: Bucket]>;
}

/** As many subjects have buckets of their own; a bucket takes about 150 bytes. */
export const maxBuckets = 10_000;

/** How often all buckets are looked through at most, once there is no room: that takes less than a millisecond. */
const sweepEveryMs = 1000;

/** Who comes when there is no room: all of them share one bucket. No address is called so. */
const others = "";

/**
 * Remembers a bucket only while it is not full: a full one says nothing. So what is forgotten to make room never gives
 * anything away, and a million addresses take no more memory than ten thousand.
 */
export const createBucketTable = (size: BucketSize, buckets = new Map<string, Bucket>()): BucketTable => {
  const math = bucketMath(size);
  let sweptAt = -Infinity;
  const sweep = (now: number): void => {
    if (now >= sweptAt && now < sweptAt + sweepEveryMs) return;
    sweptAt = now;
    for (const [subject, bucket] of buckets) {
      math.refill(bucket, now);
      if (bucket.level >= math.full) buckets.delete(subject);
    }
  };
  /** Whose bucket is taken for this subject. */
  const ownerOf = (subject: string, now: number): string => {
    if (buckets.size < maxBuckets || buckets.has(subject)) return subject;
    sweep(now);
    return buckets.size < maxBuckets ? subject : others;
  };
  return {
    math,
    size,
    find(subject, now) {
      const bucket = buckets.get(ownerOf(subject, now)) ?? { level: math.full, at: now };
      math.refill(bucket, now);
      return bucket;
    },
    keep(subject, bucket) {
      if (bucket.level < math.full) buckets.set(ownerOf(subject, bucket.at), bucket);
    },
    resize(next, now) {
      const resized = bucketMath(next);
      for (const bucket of buckets.values()) {
        math.refill(bucket, now);
        bucket.level = Math.floor(bucket.level / math.full * resized.full);
      }
      return createBucketTable(next, buckets);
    },
    entries: () => buckets.entries(),
  };
};
