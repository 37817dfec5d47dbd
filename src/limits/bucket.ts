/** How large the buckets of a limit are and how fast they fill. */
export interface BucketSize {
  /** What a full bucket holds. */
  readonly size: number;
  /** In which time an empty one fills, evenly, in milliseconds. */
  readonly periodMs: number;
}

/** One bucket. In fractions of one, so small that a millisecond adds a whole number of them: nothing is ever rounded. */
export interface Bucket {
  /** May be negative. */
  level: number;
  /** When the level was this, in milliseconds since the epoch. */
  at: number;
}

/** The arithmetic of all buckets of one size. */
export interface BucketMath {
  /** The level of a full bucket. */
  readonly full: number;
  /** What one of anything takes from a level. */
  readonly one: number;
  /** Brings the bucket up to `now`. A clock that was set back adds nothing. */
  refill(bucket: Bucket, now: number): void;
  /** Milliseconds until a bucket that is up to date has this level; 0 = it has. */
  until(bucket: Bucket, level: number): number;
}

/**
 * A bucket of `size` that fills within `periodMs`: with both over their greatest common divisor, one of anything is
 * `periodMs / divisor` fractions, and a millisecond adds `size / divisor`.
 */
export const bucketMath = ({ size, periodMs }: BucketSize): BucketMath => {
  const divisor = greatestCommonDivisor(size, periodMs);
  const perMs = size / divisor;
  const one = periodMs / divisor;
  const full = size * one;
  return {
    full,
    one,
    refill(bucket, now) {
      const elapsedMs = Math.max(0, now - bucket.at);
      bucket.at = now;
      bucket.level = Math.min(full, bucket.level + elapsedMs * perMs);
    },
    until: (bucket, level) => Math.max(0, Math.ceil((level - bucket.level) / perMs)),
  };
};

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
