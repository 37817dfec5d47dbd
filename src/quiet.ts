import type { Clock } from "./services.ts";

/** Calls `work` once it has been quiet for `quietMs` since the last `touch`: twenty saves in a row are one. */
export const afterQuiet = (clock: Clock, quietMs: number, work: () => void): { touch(): void; stop(): void } => {
  let cancel: (() => void) | undefined;
  return {
    touch() {
      cancel?.();
      cancel = clock.after(quietMs, work);
    },
    stop: () => cancel?.(),
  };
};
