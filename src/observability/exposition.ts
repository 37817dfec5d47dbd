import type { RegistryContentType } from "prom-client";
import type { Histogram, Sample, Samples } from "./series.ts";

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/**
 * What Prometheus reads, in its own text form or, where `accept` asks for it, in that of OpenMetrics. prom-client is loaded
 * with the first scrape, and from then on tells of the process too.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const renderMetrics = async (metrics: readonly Samples[], accept: string): Promise<Exposition> => {
  const { Registry } = await import("prom-client");
  const isOpenMetrics = /application\/openmetrics-text/i.test(accept);
  const contentType = isOpenMetrics ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(contentType);
  for (const samples of metrics) registry.registerMetric(asMetric(samples, isOpenMetrics) as never);
  return { contentType, text: await registry.metrics() };
};

/** The part of prom-client's metrics that a registry asks for. */
interface PromMetric {
  readonly name: string;
  get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: readonly PromValue[] }>;
}

interface PromValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

const asMetric = (samples: Samples, isOpenMetrics: boolean): PromMetric => {
  // OpenMetrics names the family without the suffix of its samples, and prom-client adds it to those.
  const name = isOpenMetrics && samples.kind === "counter" ? samples.name.replace(/_total$/, "") : samples.name;
  return {
    name,
    get: async () => ({ name, help: samples.help, type: samples.kind, aggregator: "sum", values: [...promValues(samples)] }),
  };
};

function* promValues(samples: Samples): Generator<PromValue> {
  for (const sample of samples.values()) {
    const labels = Object.fromEntries(samples.labelNames.map((label, index) => [label, sample.labels[index] ?? ""]));
    if (sample.cumulative === undefined) yield { labels, value: sample.value };
    else yield* bucketsOf(samples as Histogram, sample, sample.cumulative, labels);
  }
}

function* bucketsOf({ name, bounds }: Histogram, { value }: Sample, cumulative: readonly number[], labels: PromValue["labels"]): Generator<PromValue> {
  const count = cumulative.at(-1) ?? 0;
  for (const [index, bound] of bounds.entries()) yield { labels: { ...labels, le: bound }, value: cumulative[index] ?? 0, metricName: `${name}_bucket` };
  yield { labels: { ...labels, le: "+Inf" }, value: count, metricName: `${name}_bucket` };
  yield { labels, value, metricName: `${name}_sum` };
  yield { labels, value: count, metricName: `${name}_count` };
}
