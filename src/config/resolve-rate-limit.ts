import type { AuthOptions } from "../policies/auth.ts";
import type { RouteRateLimitOptions } from "../policies/rate-limit.ts";
import type { AuthoredConfig } from "./generated/types.ts";
import type { Report } from "./report.ts";
import type { RouteConfig } from "./types.ts";

/** The limits of one route, field by field from the route itself and `defaults`. Reports keys that nobody is asked for. */
export const inheritRateLimit = (authored: AuthoredConfig, index: number, { accepts }: AuthOptions, report: Report): RouteRateLimitOptions => {
  const own = authored.routes?.[index]?.rateLimit;
  const shared = authored.defaults?.rateLimit;
  const asksForKey = accepts !== "none";
  if (own?.per === "key" && !asksForKey) {
    report.value("warning", ["routes", index, "rateLimit", "per"], "This route asks for no key: each client address is counted instead.", "Write per: ip, or auth: required.");
  }
  const { per = "key", ...limits } = { ...shared, ...own };
  return { per: per === "key" && !asksForKey ? "ip" : per, ...limits };
};

/** Reports that all routes are to count by key, and none asks for one. */
export const checkSharedRateLimit = ({ defaults }: AuthoredConfig, routes: readonly RouteConfig[], report: Report): void => {
  if (defaults?.rateLimit?.per !== "key" || routes.some(({ auth }) => auth.accepts !== "none")) return;
  report.value("warning", ["defaults", "rateLimit", "per"], "No route asks for a key: each client address is counted instead.", "Write per: ip, or declare keys:.");
};
