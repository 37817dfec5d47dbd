import type { Clock, Demand, LimitStore, Standing, Verdict } from "../services.ts";
import type { Tables } from "./balances.ts";
import { createBucketTable, type BucketTable } from "./bucket-table.ts";
import { createSlots } from "./slots.ts";

/** Limits that are counted in this process. Answers at once. @param tables what it counts in, for whoever keeps it */
export const createMemoryStore = (clock: Pick<Clock, "now">, tables: Tables = new Map<string, BucketTable>()): LimitStore => {
  const slots = createSlots();
  /** As large as the limit is now, whatever it was when the request began. */
  const tableOf = ({ limit, size, periodMs = 0 }: Demand): BucketTable => {
    const table = tables.get(limit) ?? createBucketTable({ size, periodMs });
    tables.set(limit, table);
    return table;
  };
  const standingOf = (demand: Demand): Standing => (isHeld(demand) ? slots.standing(demand) : bucketStanding(demand, tableOf(demand), clock.now()));
  const charge = (demand: Demand, amount: number): void => {
    const table = tableOf(demand);
    const bucket = table.find(demand.subject, clock.now());
    bucket.level -= amount * table.math.one;
    table.keep(demand.subject, bucket);
  };
  return {
    resize(limits) {
      for (const { limit, size, periodMs } of limits) {
        const found = tables.get(limit);
        if (found === undefined || periodMs === undefined || (found.size.size === size && found.size.periodMs === periodMs)) continue;
        tables.set(limit, found.resize({ size, periodMs }, clock.now()));
      }
    },
    take(demands): Verdict {
      const standings = demands.map(standingOf);
      if (standings.some(({ waitMs }) => waitMs > 0)) return { isAdmitted: false, standings };
      for (const demand of demands) {
        if (isHeld(demand)) slots.hold(demand);
        else if (demand.cost > 0) charge(demand, demand.cost);
      }
      return { isAdmitted: true, standings: demands.map(standingOf) };
    },
    look: (demands) => demands.map(standingOf),
    charge(demands, amount) {
      for (const demand of demands) charge(demand, amount);
    },
    release(demands) {
      for (const demand of demands) if (isHeld(demand)) slots.release(demand);
    },
  };
};

/** Whether what is taken comes back when the request ends, rather than with time. */
const isHeld = ({ periodMs }: Demand): boolean => periodMs === undefined;

const bucketStanding = (demand: Demand, { math, find }: BucketTable, now: number): Standing => {
  const bucket = find(demand.subject, now);
  // Who takes nothing yet needs more than nothing to be there: the smallest fraction is enough.
  const needed = demand.cost === 0 ? 1 : demand.cost * math.one;
  return {
    demand,
    remaining: Math.max(0, Math.floor(bucket.level / math.one)),
    resetMs: math.until(bucket, math.full),
    waitMs: math.until(bucket, needed),
  };
};
