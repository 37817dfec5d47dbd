import type { Clock } from "../../src/services.ts";

/** A clock that stands still until a test moves it. */
export interface HandClock extends Clock {
  /** Moves time on by `ms` and runs what falls due on the way, each at its own moment. */
  advance(ms: number): void;
  /** How many callbacks are waiting: 0 shows that nothing was left behind. */
  readonly waiting: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** @param startMs what `now()` says at first; `monotonic()` begins at 0 */
export const createHandClock = (startMs = 1_700_000_000_000): HandClock => {
  const timers = new Set<Timer>();
  let elapsed = 0;
  const nextDue = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    after(ms, callback) {
      const timer: Timer = { at: elapsed + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const until = elapsed + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        elapsed = timer.at;
        timer.callback();
      }
      elapsed = until;
    },
    get waiting() {
      return timers.size;
    },
  };
};
