import type { RegistryContentType } from "prom-client";
import { processMetrics, type ProcessMetric } from "./process-metrics.ts";
import type { Histogram, Sample, Samples } from "./series.ts";

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/**
 * What Prometheus reads, in its own text form or, where `accept` asks for it, in that of OpenMetrics: the metrics and those
 * of the process. prom-client is loaded with the first scrape, and the process is measured from then on.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export const renderMetrics = async (metrics: readonly Samples[], accept: string): Promise<Exposition> => {
  const { Registry } = await import("prom-client");
  const isOpenMetrics = prefersOpenMetrics(accept);
  const contentType = isOpenMetrics ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(contentType);
  for (const samples of metrics) registry.registerMetric(asMetric(samples, isOpenMetrics) as never);
  for (const metric of await processMetrics()) registry.registerMetric(ofProcess(metric, isOpenMetrics) as never);
  return { contentType, text: await registry.metrics() };
};

/** Whether OpenMetrics is named and wanted at least as much as plain text. @see RFC 9110 section 12.5.1 */
const prefersOpenMetrics = (accept: string): boolean => {
  const weights = new Map<string, number>();
  for (const range of accept.toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const weight = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
    // One type may be named in several versions.
    weights.set(type, Math.max(weights.get(type) ?? 0, weight));
  }
  const wanted = weights.get("application/openmetrics-text") ?? 0;
  return wanted > 0 && wanted >= (weights.get("text/plain") ?? weights.get("text/*") ?? weights.get("*/*") ?? 0);
};

/** The part of prom-client's metrics that a registry asks for. */
interface PromMetric {
  readonly name: string;
  get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: readonly PromValue[] }>;
}

/** OpenMetrics names a counter's family without the suffix of its samples, and prom-client adds it to those. */
const familyName = (name: string, kind: string, isOpenMetrics: boolean): string =>
  isOpenMetrics && kind === "counter" ? name.replace(/_total$/, "") : name;

/** Handed on and not registered itself: a registry in OpenMetrics form would rename it for good. */
const ofProcess = (metric: ProcessMetric, isOpenMetrics: boolean) => ({
  name: metric.name,
  get: async () => {
    const measured = await metric.get();
    return { ...measured, name: familyName(measured.name, String(measured.type), isOpenMetrics) };
  },
});

interface PromValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

const asMetric = (samples: Samples, isOpenMetrics: boolean): PromMetric => {
  const name = familyName(samples.name, samples.kind, isOpenMetrics);
  return {
    name,
    get: async () => ({ name, help: samples.help, type: samples.kind, aggregator: "sum", values: [...promValues(samples, isOpenMetrics)] }),
  };
};

function* promValues(samples: Samples, isOpenMetrics: boolean): Generator<PromValue> {
  for (const sample of samples.values()) {
    const labels = Object.fromEntries(samples.labelNames.map((label, index) => [label, sample.labels[index] ?? ""]));
    if (sample.cumulative === undefined) yield { labels, value: sample.value };
    else yield* bucketsOf(samples as Histogram, sample, sample.cumulative, labels, isOpenMetrics);
  }
}

function* bucketsOf({ name, bounds }: Histogram, { value }: Sample, cumulative: readonly number[], labels: PromValue["labels"], isOpenMetrics: boolean): Generator<PromValue> {
  const count = cumulative.at(-1) ?? 0;
  // OpenMetrics wants bounds to look like the fractions that they are.
  const le = (bound: number): string => (isOpenMetrics && Number.isInteger(bound) ? `${bound}.0` : String(bound));
  for (const [index, bound] of bounds.entries()) yield { labels: { ...labels, le: le(bound) }, value: cumulative[index] ?? 0, metricName: `${name}_bucket` };
  yield { labels: { ...labels, le: "+Inf" }, value: count, metricName: `${name}_bucket` };
  yield { labels, value, metricName: `${name}_sum` };
  yield { labels, value: count, metricName: `${name}_count` };
}
