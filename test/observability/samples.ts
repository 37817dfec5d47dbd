export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Every sample of a text that Prometheus would read. */
export const samplesIn = (text: string): readonly ExposedSample[] =>
  text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [, name = "", labels = "", value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return { name, value: Number(value), labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map(([, label = "", text_ = ""]) => [label, text_])) };
  });

/** The proxy's own metrics, without those of the process and the bounds of histograms, each with its label sets. */
export const labelSetsIn = (text: string): ReadonlyMap<string, ReadonlySet<string>> => {
  const sets = new Map<string, Set<string>>();
  for (const { name, labels } of samplesIn(text)) {
    if (/^(?:process|nodejs)_|_bucket$/.test(name)) continue;
    const found = sets.get(name) ?? new Set();
    sets.set(name, found.add(JSON.stringify(labels)));
  }
  return sets;
};
