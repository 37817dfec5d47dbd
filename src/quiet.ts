import type { Clock } from "./services.ts";

/**
 * Calls `work` once it has been quiet for `quietMs` since the last `touch`, so that twenty saves in a row are one; where it
 * is never quiet, `mostMs` after the first.
 */
export const afterQuiet = (clock: Clock, { quietMs, mostMs }: QuietOptions, work: () => void): { touch(): void; stop(): void } => {
  let cancel: (() => void) | undefined;
  let firstAt: number | undefined;
  const stop = (): void => {
    cancel?.();
    firstAt = undefined;
  };
  return {
    touch() {
      cancel?.();
      firstAt ??= clock.monotonic();
      const leftMs = Math.max(0, firstAt + mostMs - clock.monotonic());
      cancel = clock.after(Math.min(quietMs, leftMs), () => {
        firstAt = undefined;
        work();
      });
    },
    stop,
  };
};

export interface QuietOptions {
  readonly quietMs: number;
  readonly mostMs: number;
}
