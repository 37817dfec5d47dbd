import type { Clock } from "../services.ts";

export interface SilenceWatch {
  /** Something was heard just now. After `pause`, takes the watch up again. Gives the clock's time. */
  heard(): number;
  /** Silence is nobody's fault until something is heard again. */
  pause(): void;
  stop(): void;
}

/**
 * Calls `onSilence` each time that nothing was heard for `silenceMs`; 0 = never. Begins with what is heard first. One timer for
 * a whole stream, set anew only when it fires: a part costs one look at the clock.
 */
export const watchSilence = (clock: Clock, silenceMs: number, onSilence: () => void): SilenceWatch => {
  let heardAt = Infinity;
  let cancel: (() => void) | undefined;
  let isStopped = silenceMs === 0;
  const check = (): void => {
    if (heardAt + silenceMs <= clock.monotonic()) {
      heardAt = clock.monotonic();
      onSilence();
    }
    arm();
  };
  const arm = (): void => {
    cancel = isStopped ? undefined : clock.after(Math.min(silenceMs, heardAt + silenceMs - clock.monotonic()), check);
  };
  return {
    heard() {
      heardAt = clock.monotonic();
      if (cancel === undefined) arm();
      return heardAt;
    },
    pause() {
      heardAt = Infinity;
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
};
