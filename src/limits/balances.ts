import type { Clock, KeptText, Log } from "../services.ts";
import { createBucketTable, type BucketTable } from "./bucket-table.ts";

/** Tables of buckets by the limit that they belong to. */
export type Tables = Map<string, BucketTable>;

/** Shorter periods are over before anybody has started a proxy again. */
const keptPeriodMs = 3_600_000;

/** What outlives the process, as text: the buckets of days that are not full. Empty where there are none. */
export const renderBalances = (tables: Tables): string => {
  const kept = [...tables].flatMap(([limit, { size, entries }]) => {
    const buckets = size.periodMs < keptPeriodMs ? [] : [...entries()].map(([subject, { level, at }]) => [subject, level, at]);
    return buckets.length === 0 ? [] : [[limit, size.size, size.periodMs, buckets]];
  });
  return kept.length === 0 ? "" : JSON.stringify(kept);
};

/** Brings back what was kept, for limits that nobody has asked yet. Text that is none of ours brings back nothing. */
export const restoreBalances = (text: string, tables: Tables): void => {
  for (const limit of readList(text)) {
    const [name, size, periodMs, buckets] = Array.isArray(limit) ? (limit as readonly unknown[]) : [];
    if (typeof name !== "string" || !isCount(size) || !isCount(periodMs) || !Array.isArray(buckets) || tables.has(name)) continue;
    const entries = buckets.flatMap((bucket: unknown) => {
      const [subject, level, at] = Array.isArray(bucket) ? (bucket as readonly unknown[]) : [];
      return typeof subject === "string" && Number.isFinite(level) && Number.isFinite(at) ? [[subject, { level: level as number, at: at as number }] as const] : [];
    });
    tables.set(name, createBucketTable({ size, periodMs }, new Map(entries)));
  }
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const readList = (text: string): readonly unknown[] => {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
};

/** Sees to it that balances of a day outlive the process. */
export interface BalanceKeeper {
  /** Brings back what was kept, the first time, and from now on writes down what changes. Never throws. */
  start(): Promise<void>;
  /** Writes it down once more. */
  stop(): Promise<void>;
}

/** What a process that is killed can forget of. */
const saveEveryMs = 30_000;

export const createBalanceKeeper = (tables: Tables, kept: KeptText, { clock, log }: { readonly clock: Clock; readonly log: Log }): BalanceKeeper => {
  let written: string | undefined;
  let cancel: (() => void) | undefined;
  const save = async (): Promise<void> => {
    const text = renderBalances(tables);
    if (text === (written ?? "")) return;
    written = text;
    await kept.write(text).catch((error: Error) => log.warn("limits of a day could not be kept", { error: error.message }));
  };
  const arm = (): void => {
    cancel = clock.after(saveEveryMs, () => {
      arm();
      void save();
    });
  };
  return {
    async start() {
      if (written === undefined) {
        written = await kept.read().catch(() => undefined) ?? "";
        restoreBalances(written, tables);
      }
      cancel?.();
      arm();
    },
    stop() {
      cancel?.();
      cancel = undefined;
      return save();
    },
  };
};
