import type { Breaker, Clock } from "../services.ts";

/** Failures in a row, without an answer in between, that open it. */
const failuresToOpen = 5;
const openMs = 30_000;
/** Names come from clients where an alias holds a `*`: what they make up must not fill the memory. */
const maxNames = 1000;

interface Trouble {
  failures: number;
  /** Until when the target is to be left alone, on the clock that is never set back. */
  openUntil: number;
}

/**
 * Remembers which targets keep failing: five times in a row, and a target is left alone for 30 seconds; then one request tries
 * it again while the others wait for another 30. Only targets in trouble are remembered.
 */
export const createBreaker = (clock: Clock): Breaker => {
  const troubles = new Map<string, Trouble>();
  return {
    isOpen(name) {
      const trouble = troubles.get(name);
      if (trouble === undefined || trouble.failures < failuresToOpen) return false;
      if (clock.monotonic() < trouble.openUntil) return true;
      trouble.openUntil = clock.monotonic() + openMs;
      return false;
    },
    isFailing(name) {
      const { failures = 0, openUntil = 0 } = troubles.get(name) ?? {};
      return failures >= failuresToOpen && clock.monotonic() < openUntil;
    },
    succeeded: (name) => void troubles.delete(name),
    failed(name) {
      const failures = (troubles.get(name)?.failures ?? 0) + 1;
      troubles.delete(name);
      troubles.set(name, { failures, openUntil: clock.monotonic() + openMs });
      const [oldest] = troubles.keys();
      if (troubles.size > maxNames && oldest !== undefined) troubles.delete(oldest);
      return failures >= failuresToOpen;
    },
  };
};
