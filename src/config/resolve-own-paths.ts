import type { HealthOptions } from "../routes/health.ts";
import type { MetricsOptions } from "../routes/metrics.ts";
import { defaults } from "./defaults.ts";
import type { AuthoredConfig } from "./generated/types.ts";
import type { Report } from "./report.ts";

/** Where the proxy tells of itself. Reports two things at one path. */
export const resolveOwnPaths = (authored: AuthoredConfig, report: Report): { metrics: MetricsOptions; health: HealthOptions } => {
  const metrics = { ...defaults.metrics, ...authored.metrics };
  const health = { ...defaults.health, ...authored.health };
  if (metrics.enabled && metrics.path === health.path) {
    const section = authored.metrics?.path === undefined ? "health" : "metrics";
    report.value("error", [section, "path"], `Metrics and health are both at ${health.path}.`, "Give each a path of its own.");
  }
  return { metrics, health };
};
