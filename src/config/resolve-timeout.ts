import type { TimeLimit } from "../errors.ts";
import type { RetryOptions } from "../policies/retry.ts";
import type { TimeoutOptions } from "../policies/timeout.ts";
import { defaults } from "./defaults.ts";
import type { Retry, Timeout } from "./generated/types.ts";
import { renderPath } from "./problem.ts";
import { parseDuration } from "./units.ts";

/** The limits of one route, each from where it is set: the route itself, `defaults`, or nowhere. @param index of the route in the file */
export const inheritTimeout = (route: Timeout = {}, index: number, shared: Timeout = {}): TimeoutOptions => {
  const limitOf = (name: keyof TimeoutOptions): TimeLimit => {
    const ms = parseDuration(route[name] ?? shared[name] ?? defaults.timeout[name]);
    if (route[name] !== undefined) return { ms, setAt: renderPath(["routes", index, "timeout", name]) };
    return shared[name] === undefined ? { ms } : { ms, setAt: renderPath(["defaults", "timeout", name]) };
  };
  return { firstToken: limitOf("firstToken"), idle: limitOf("idle"), total: limitOf("total") };
};

/** How a route tries again, field by field from the route itself, `defaults` and the table of defaults. */
export const inheritRetry = (route: Retry = {}, shared: Retry = {}): RetryOptions => {
  const { maxRetries, backoff, maxBackoff } = { ...defaults.retry, ...shared, ...route };
  return { maxRetries, backoffMs: parseDuration(backoff), maxBackoffMs: parseDuration(maxBackoff) };
};
