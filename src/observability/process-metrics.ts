import type { collectDefaultMetrics, MetricObjectWithValues, MetricValue, Registry } from "prom-client";

/** What prom-client measures of the process that everything here runs in, as a registry asks for it. */
export interface ProcessMetric {
  readonly name: string;
  get(): Promise<MetricObjectWithValues<MetricValue<string>>>;
}

/** Of the process, not of a proxy: the monitor of the event loop has no off switch, and one costs as much as ten. */
let begun: readonly ProcessMetric[] | undefined;

/**
 * Memory, processor time, event loop and garbage collection of this process, measured from the first call on and once,
 * however many proxies ask. With samples of the event loop each 100 ms that takes a thousandth of a core; at
 * prom-client's own 10 ms it would be six.
 */
export const processMetrics = async (): Promise<readonly ProcessMetric[]> => {
  const prom = await import("prom-client");
  return begun ??= measure(new prom.Registry(), prom.collectDefaultMetrics);
};

const measure = (registry: Registry, collect: typeof collectDefaultMetrics): readonly ProcessMetric[] => {
  collect({ register: registry, eventLoopMonitoringPrecision: 100 });
  // Gauges that call themselves totals, which no scraper likes; each also walks every socket there is.
  for (const kind of ["resources", "handles", "requests"]) {
    registry.removeSingleMetric(`nodejs_active_${kind}`);
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  }
  return registry.getMetricsAsArray() as unknown as readonly ProcessMetric[];
};
