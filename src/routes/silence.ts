import type { Clock } from "../services.ts";

/**
 * Calls `onSilence` each time that nothing was heard for `silenceMs`; 0 = never. One timer for a whole stream, set anew
 * only when it fires: a part costs one look at the clock.
 */
export const watchSilence = (clock: Clock, silenceMs: number, onSilence: () => void): { heard(): void; stop(): void } => {
  let heardAt = clock.monotonic();
  let cancel: (() => void) | undefined;
  const arm = (ms: number): void => {
    cancel = clock.after(ms, check);
  };
  const check = (): void => {
    const left = heardAt + silenceMs - clock.monotonic();
    if (left > 0) return arm(left);
    onSilence();
    heardAt = clock.monotonic();
    arm(silenceMs);
  };
  if (silenceMs > 0) arm(silenceMs);
  return {
    heard: () => void (heardAt = clock.monotonic()),
    stop: () => cancel?.(),
  };
};
