import type { Config } from "./types.ts";
import { sha256 } from "./references.ts";

/** Eight hexadecimal digits that two configurations share when they mean the same. */
export const generationOf = (config: Omit<Config, "generation">): string => sha256(JSON.stringify(sorted(config))).slice(0, 8);

/** Names in one order, for the order in which they were written or made means nothing; lists keep theirs. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, sorted(part)]));
};
