import type { TimeLimit } from "../errors.ts";
import type { RetryOptions } from "../policies/retry.ts";
import type { TimeoutOptions } from "../policies/timeout.ts";
import { defaults } from "./defaults.ts";
import type { AuthoredConfig, Retry, Timeout } from "./generated/types.ts";
import { renderPath, type Path } from "./problem.ts";
import type { Report } from "./report.ts";
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

/** Reports times that somebody wrote and that never come, because another one ends them first. */
export const checkTimes = ({ defaults: shared = {}, routes = [] }: AuthoredConfig, report: Report): void => {
  checkTimeout(shared.timeout ?? {}, {}, ["defaults", "timeout"], report);
  checkRetry(shared.retry ?? {}, {}, ["defaults", "retry"], report);
  for (const [index, { timeout = {}, retry = {} }] of routes.entries()) {
    checkTimeout(timeout, shared.timeout ?? {}, ["routes", index, "timeout"], report);
    checkRetry(retry, shared.retry ?? {}, ["routes", index, "retry"], report);
  }
};

const checkTimeout = (written: Timeout, inherited: Timeout, path: Path, report: Report): void => {
  const total = written.total ?? inherited.total ?? defaults.timeout.total;
  for (const name of ["firstToken", "idle"] as const) {
    const limit = written[name];
    if (limit === undefined || parseDuration(total) === 0 || parseDuration(limit) <= parseDuration(total)) continue;
    report.value("warning", [...path, name], `This is never reached: timeout.total ends a request after ${total}.`, `Write a longer total, or a shorter ${name}.`);
  }
};

const checkRetry = (written: Retry, inherited: Retry, path: Path, report: Report): void => {
  const { backoff, maxBackoff } = { ...defaults.retry, ...inherited, ...written };
  // The default backoff is nobody's wish: whoever writes a shorter maxBackoff means that.
  const isMeant = written.backoff !== undefined || (written.maxBackoff !== undefined && inherited.backoff !== undefined);
  if (!isMeant || parseDuration(backoff) <= parseDuration(maxBackoff)) return;
  const name = written.backoff === undefined ? "maxBackoff" : "backoff";
  report.value("warning", [...path, name], `The backoff of ${backoff} is never waited: maxBackoff cuts it to ${maxBackoff}.`, "Write a longer maxBackoff, or a shorter backoff.");
};

/** How a route tries again, field by field from the route itself, `defaults` and the table of defaults. */
export const inheritRetry = (route: Retry = {}, shared: Retry = {}): RetryOptions => {
  const { maxRetries, backoff, maxBackoff } = { ...defaults.retry, ...shared, ...route };
  return { maxRetries, backoffMs: parseDuration(backoff), maxBackoffMs: parseDuration(maxBackoff) };
};
