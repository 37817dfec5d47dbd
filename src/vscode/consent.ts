import { modelAccessRefused, modelAccessUnanswered } from "../errors.ts";
import type { Clock } from "../services.ts";
import { isAccessRefused } from "./model-errors.ts";

/**
 * Stands between clients and the editor's question whether their user lets us have a vendor's models. The editor asks at
 * every request until the answer is yes, and lets a request hang for as long as nobody answers.
 */
export interface Consent {
  /**
   * What `ask` gives. Throws `modelAccessRefused` (403) where the user says no, and from then on without asking;
   * `modelAccessUnanswered` (503) where nobody answers in time, and at once while that question still stands.
   */
  guard<Result>(vendor: string, ask: () => PromiseLike<Result>): Promise<Result>;
  /** The user's permissions have changed, or they want to be asked: nothing is held back any longer. */
  reset(): void;
}

/** Somebody who sits there has read the question by then; without one, a request is on its way within milliseconds. */
const patienceMs = 20_000;

export const createConsent = (clock: Clock): Consent => {
  const refused = new Set<string>();
  const unanswered = new Set<string>();
  /** Vendors whose models were to be had: whatever takes long there, it is no question. */
  const allowed = new Set<string>();

  const settle = async <Result>(vendor: string, ask: () => PromiseLike<Result>): Promise<Result> => {
    try {
      const result = await ask();
      allowed.add(vendor);
      return result;
    } catch (thrown) {
      if (!isAccessRefused(thrown)) throw thrown;
      refused.add(vendor);
      allowed.delete(vendor);
      throw modelAccessRefused(vendor);
    } finally {
      unanswered.delete(vendor);
    }
  };
  return {
    async guard(vendor, ask) {
      if (refused.has(vendor)) throw modelAccessRefused(vendor);
      if (unanswered.has(vendor)) throw modelAccessUnanswered(vendor);
      const settled = settle(vendor, ask);
      if (allowed.has(vendor)) return settled;
      const { promise: tooLate, reject } = Promise.withResolvers<never>();
      const cancel = clock.after(patienceMs, () => {
        unanswered.add(vendor);
        reject(modelAccessUnanswered(vendor));
      });
      return Promise.race([settled, tooLate]).finally(cancel);
    },
    reset() {
      refused.clear();
      unanswered.clear();
    },
  };
};
