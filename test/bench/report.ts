import type { BenchReport } from "./bench.ts";
import type { CaseResult } from "./measure.ts";
import type { Spread } from "./statistics.ts";

/** The results as one table for people, under the machine that they are of. */
export const renderTable = ({ machine, results }: BenchReport): string => {
  const rows = [header, ...results.map(cellsOf)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const align = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return [
    `Node ${machine.node}, ${machine.platform}, ${machine.cores} cores (${machine.processor})`,
    ...rows.map((row) => row.map(align).join("  ")),
  ].join("\n");
};

const header = ["case", "CPU per", "bare", "proxy", "ratio", "middle half", "req/s ratio", "middle half", "lost", "target"];

const cellsOf = (result: CaseResult): readonly string[] => [
  result.name,
  result.unit,
  `${figure(result.bareCpuMicros)} µs`,
  `${figure(result.proxyCpuMicros)} µs`,
  result.cpuRatio.median.toFixed(2),
  bounds(result.cpuRatio),
  result.rateRatio.median.toFixed(2),
  bounds(result.rateRatio),
  String(result.proxyLost),
  targetOf(result),
];

const bounds = ({ low, high }: Spread): string => `${low.toFixed(2)}-${high.toFixed(2)}`;

const figure = (micros: number): string => (micros < 10 ? micros.toFixed(2) : micros.toFixed(0));

const targetOf = ({ target, isMet }: CaseResult): string => {
  if (target === undefined) return "-";
  const bound = target.measure === "rate" ? `req/s >= ${target.atLeast}` : `${target.measure === "cpu" ? "CPU" : "lost"} <= ${target.atMost}`;
  return `${bound}: ${isMet === true ? "holds" : "MISSED"}`;
};
