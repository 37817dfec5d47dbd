import type { Exchange, ExchangeRecord } from "../policies/policy.ts";
import type { Clock } from "../services.ts";

/** Milliseconds since the request came in. */
export const sinceStart = ({ record }: Pick<Exchange, "record">, clock: Pick<Clock, "monotonic">): number =>
  clock.monotonic() - (record.startedAt ?? clock.monotonic());

/**
 * Where the time of a request went until its head was sent, for a browser's or a person's eye: what policies took, choosing
 * a model, and waiting for its first part. @see https://www.w3.org/TR/server-timing/
 */
export const serverTiming = ({ admittedMs = 0, chosenMs, firstPartMs }: ExchangeRecord): string => {
  const entries = [`admission;dur=${admittedMs.toFixed(2)}`];
  if (chosenMs !== undefined) entries.push(`choice;dur=${(chosenMs - admittedMs).toFixed(2)}`);
  if (firstPartMs !== undefined) entries.push(`first-part;dur=${(firstPartMs - (chosenMs ?? admittedMs)).toFixed(2)}`);
  return entries.join(", ");
};
