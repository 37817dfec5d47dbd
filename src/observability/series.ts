/** Values of labels in the order of the metric's label names. */
export type LabelValues = readonly string[];

/** What one metric has counted, for whoever shows it. */
export interface Samples {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly labelNames: readonly string[];
  values(): Iterable<Sample>;
}

export interface Sample {
  readonly labels: LabelValues;
  /** Count of a counter, value of a gauge, sum of a histogram's observations. */
  readonly value: number;
  /** Of histograms: how many observations are at most each bound, then how many there are in all. */
  readonly cumulative?: readonly number[];
}

export interface Counter extends Samples {
  add(labels: LabelValues, by?: number): void;
}

export interface Gauge extends Samples {
  add(labels: LabelValues, by: number): void;
  set(labels: LabelValues, to: number): void;
}

export interface Histogram extends Samples {
  /** Upper bounds of the buckets, rising, in the unit of the metric's name. */
  readonly bounds: readonly number[];
  observe(labels: LabelValues, value: number): void;
  /** What one label set observes into, for whoever observes it often: it has not to be looked up again. */
  of(labels: LabelValues): Observed;
}

export interface Observed {
  observe(value: number): void;
}

export interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

/**
 * More label sets than this nobody has in a configuration: whatever clients send, the next one is counted under `other`.
 * A scrape walks all of them while streams wait.
 */
const maxSeries = 500;

/** Label sets with something for each, made at the first use. Looking one up allocates a short key that does not last. */
export const createSeries = <Value>(labelNames: readonly string[], make: (labels: LabelValues) => Value) => {
  const series = new Map<string, { readonly labels: LabelValues; readonly value: Value }>();
  const entry = (labels: LabelValues): { readonly labels: LabelValues; readonly value: Value } => {
    const key = labels.length === 1 ? labels[0] ?? "" : labels.join("\u0000");
    const found = series.get(key);
    if (found !== undefined) return found;
    if (series.size >= maxSeries && labels.some((label) => label !== "other")) return entry(labelNames.map(() => "other"));
    const made = { labels, value: make(labels) };
    series.set(key, made);
    return made;
  };
  return { at: (labels: LabelValues): Value => entry(labels).value, entries: () => series.values() };
};

const createTally = (kind: "counter" | "gauge", { name, help, labelNames = [] }: MetricOptions): Counter & Gauge => {
  const series = createSeries(labelNames, () => ({ count: 0 }));
  return {
    name,
    help,
    kind,
    labelNames,
    add(labels: LabelValues, by?: number) {
      series.at(labels).count += by ?? 1;
    },
    set: (labels, to) => void (series.at(labels).count = to),
    *values() {
      for (const { labels, value } of series.entries()) yield { labels, value: value.count };
    },
  };
};

/** Only goes up. By convention its name ends in `_total`. */
export const createCounter = (options: MetricOptions): Counter => createTally("counter", options);

/** Goes up and down. */
export const createGauge = (options: MetricOptions): Gauge => createTally("gauge", options);

export const createHistogram = ({ name, help, labelNames = [], bounds }: MetricOptions & { readonly bounds: readonly number[] }): Histogram => {
  const series = createSeries(labelNames, () => new Buckets(bounds));
  return {
    name,
    help,
    kind: "histogram",
    labelNames,
    bounds,
    observe: (labels, value) => series.at(labels).observe(value),
    of: series.at,
    *values() {
      for (const { labels, value } of series.entries()) {
        let below = 0;
        yield { labels, value: value.sum, cumulative: Array.from(value.counts, (count) => (below += count)) };
      }
    },
  };
};

/** A class, so that all of them have one shape and one method. */
class Buckets implements Observed {
  sum = 0;
  /** One for each bound, and one for what is above them all. */
  readonly counts: Float64Array;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.sum += value;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }
}
