import type { Exchange, ExchangeRecord } from "../policies/policy.ts";
import type { Clock } from "../services.ts";

/** Milliseconds since the request came in. */
export const sinceStart = ({ record }: Pick<Exchange, "record">, clock: Pick<Clock, "monotonic">): number =>
  clock.monotonic() - (record.startedAt ?? clock.monotonic());

/**
 * Where the time of a request went until its head was sent, for a browser's or a person's eye: what policies took, reading
 * the request, choosing a model, waiting for its first part, and of all that what the proxy itself took.
 * @param totalMs since the request came in
 * @see https://www.w3.org/TR/server-timing/
 */
export const serverTiming = ({ admittedMs, readMs, chosenMs, firstPartMs, waitedMs = 0 }: ExchangeRecord, totalMs: number): string => {
  let at = 0;
  let entries = "";
  const passed = (name: string, until: number | undefined): void => {
    if (until === undefined) return;
    entries += `${name};dur=${hundredths(until - at)}, `;
    at = until;
  };
  passed("admission", admittedMs);
  passed("request", readMs);
  passed("choice", chosenMs);
  passed("first-part", firstPartMs);
  return `${entries}total;dur=${hundredths(totalMs)}, proxy;dur=${hundredths(Math.max(0, totalMs - waitedMs))}`;
};

/** `12.05`: to the hundredth, from two small whole numbers, whose texts the engine keeps. */
const hundredths = (ms: number): string => {
  const all = Math.round(ms * 100);
  const rest = all % 100;
  return `${(all - rest) / 100}.${rest < 10 ? "0" : ""}${rest}`;
};
