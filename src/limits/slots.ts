import type { Demand, Standing } from "../services.ts";

/** What is held while a request runs. */
export interface Slots {
  standing(demand: Demand): Standing;
  hold(demand: Demand): void;
  release(demand: Demand): void;
}

/** Nobody knows when a running request ends: who finds no slot is asked to come back in a second. */
const askAgainMs = 1000;

/** Counts what runs, by limit and subject. Only who has something running is remembered, and so memory is bounded by that. */
export const createSlots = (): Slots => {
  const held = new Map<string, number>();
  const keyOf = ({ limit, subject }: Demand): string => `${limit}\n${subject}`;
  const countOf = (demand: Demand): number => held.get(keyOf(demand)) ?? 0;
  return {
    standing(demand) {
      const remaining = Math.max(0, demand.size - countOf(demand));
      return { demand, remaining, resetMs: 0, waitMs: remaining > 0 ? 0 : askAgainMs };
    },
    hold: (demand) => void held.set(keyOf(demand), countOf(demand) + 1),
    release(demand) {
      const count = countOf(demand) - 1;
      if (count > 0) held.set(keyOf(demand), count);
      else held.delete(keyOf(demand));
    },
  };
};
