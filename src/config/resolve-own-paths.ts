import type { HealthOptions } from "../routes/health.ts";
import type { MetricsOptions } from "../routes/metrics.ts";
import { defaults } from "./defaults.ts";
import { endpointsOf } from "./endpoint-paths.ts";
import type { AuthoredConfig } from "./generated/types.ts";
import { quoted } from "./problem.ts";
import type { Report } from "./report.ts";
import type { RouteConfig } from "./types.ts";

/** Where the proxy tells of itself. Reports two things at one path. */
export const resolveOwnPaths = (authored: AuthoredConfig, routes: readonly RouteConfig[], report: Report): { metrics: MetricsOptions; health: HealthOptions } => {
  const metrics = { ...defaults.metrics, ...authored.metrics };
  const health = { ...defaults.health, ...authored.health };
  if (metrics.enabled && metrics.path === health.path) {
    const section = authored.metrics?.path === undefined ? "health" : "metrics";
    report.value("error", [section, "path"], `Metrics and health are both at ${health.path}.`, "Give each a path of its own.");
  }
  if (metrics.enabled) checkEndpoints("metrics", metrics.path, routes, report);
  checkEndpoints("health", health.path, routes, report);
  return { metrics, health };
};

/** What a route serves must not be answered by somebody else, who asks for no key. */
const checkEndpoints = (section: "metrics" | "health", path: string, routes: readonly RouteConfig[], report: Report): void => {
  const route = routes.find((candidate) => endpointsOf(candidate).some((endpoint) => path === endpoint || path.startsWith(`${endpoint}/`)));
  if (route === undefined) return;
  report.value("error", [section, "path"], `${path} belongs to an endpoint of route ${quoted(route.name)}.`, `Give ${section} a path of its own, such as ${defaults[section].path}.`);
};
