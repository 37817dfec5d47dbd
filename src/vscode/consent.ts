import { modelAccessRefused } from "../errors.ts";
import type { Clock } from "../services.ts";
import { isAccessRefused } from "./model-errors.ts";

/**
 * Keeps a client that tries again and again from raising a dialog each time: the editor asks its user about a vendor's
 * models at every request until the answer is yes.
 */
export interface Consent {
  /** What `ask` gives. Throws `modelAccessRefused` (403) where the user says no, and without asking for a minute after that. */
  guard<Result>(vendor: string, ask: () => PromiseLike<Result>): Promise<Result>;
  /** The user's permissions have changed: nothing is held back any longer. */
  reset(): void;
}

const holdBackMs = 60_000;

export const createConsent = (clock: Clock): Consent => {
  const refusedAt = new Map<string, number>();
  return {
    async guard(vendor, ask) {
      const left = (refusedAt.get(vendor) ?? -Infinity) + holdBackMs - clock.monotonic();
      if (left > 0) throw modelAccessRefused(vendor, left);
      try {
        return await ask();
      } catch (thrown) {
        if (!isAccessRefused(thrown)) throw thrown;
        refusedAt.set(vendor, clock.monotonic());
        throw modelAccessRefused(vendor, holdBackMs);
      }
    },
    reset: () => refusedAt.clear(),
  };
};
