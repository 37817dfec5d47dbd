import type { BenchCase, Target } from "./cases.ts";
import type { MeasuredServer } from "./children.ts";
import type { Load, LoadResult } from "./messages.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/** What one case showed. Times of the processor are for one request, or for one part where the answers are streams. */
export interface CaseResult {
  readonly name: string;
  readonly unit: "request" | "part";
  readonly rounds: number;
  /** Median, in microseconds. */
  readonly bareCpuMicros: number;
  readonly proxyCpuMicros: number;
  /** The proxy's processor time over the bare server's, of paired rounds. */
  readonly cpuRatio: Spread;
  /** Median, requests in a second. */
  readonly bareRate: number;
  readonly proxyRate: number;
  readonly rateRatio: Spread;
  readonly bareLost: number;
  readonly proxyLost: number;
  readonly target?: Target;
  /** Absent without a target. */
  readonly isMet?: boolean;
}

export interface Measured {
  /** What the proxy is held against. */
  readonly bare: MeasuredServer;
  readonly proxy: MeasuredServer;
  readonly load: (load: Load) => Promise<LoadResult>;
}

interface Round {
  readonly cpuMicros: number;
  readonly rate: number;
  readonly lost: number;
}

/** Enough for the engine to have compiled what it will compile. */
const warmUpRounds = 4;

/** Asks both servers in turn, and compares each round with its neighbour: what else the machine does strikes both alike. */
export const measureCase = async (benchCase: BenchCase, rounds: number, measured: Measured): Promise<CaseResult> => {
  const { bare, proxy, load } = measured;
  const bareRounds: Round[] = [];
  const proxyRounds: Round[] = [];
  const run = async (server: MeasuredServer, into: Round[]): Promise<void> => void into.push(await runRound(benchCase, server, load));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const isMeasured = round >= 0;
    const turns = [() => run(bare, isMeasured ? bareRounds : []), () => run(proxy, isMeasured ? proxyRounds : [])];
    // The second of a pair finds the machine as the first has left it, so they take turns at that too.
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  return resultOf(benchCase, bareRounds, proxyRounds);
};

const runRound = async ({ body, parts, connections, requests }: BenchCase, server: MeasuredServer, load: Measured["load"]): Promise<Round> => {
  const before = await server.cpuMicros();
  const { milliseconds, lost } = await load({
    port: server.port,
    body,
    ...(parts === undefined ? {} : { parts }),
    connections,
    requests,
  });
  const after = await server.cpuMicros();
  return { cpuMicros: (after - before) / (requests * (parts ?? 1)), rate: (requests / milliseconds) * 1000, lost };
};

const resultOf = (benchCase: BenchCase, bare: readonly Round[], proxy: readonly Round[]): CaseResult => {
  const ratio = (figure: (round: Round) => number): Spread =>
    spreadOf(proxy.map((round, index) => figure(round) / figure(bare[index] ?? round)));
  const median = (rounds: readonly Round[], figure: (round: Round) => number): number => spreadOf(rounds.map(figure)).median;
  const sumLost = (rounds: readonly Round[]): number => rounds.reduce((sum, { lost }) => sum + lost, 0);
  const { name, parts, target } = benchCase;
  const result: CaseResult = {
    name,
    unit: parts === undefined ? "request" : "part",
    rounds: proxy.length,
    bareCpuMicros: median(bare, ({ cpuMicros }) => cpuMicros),
    proxyCpuMicros: median(proxy, ({ cpuMicros }) => cpuMicros),
    cpuRatio: ratio(({ cpuMicros }) => cpuMicros),
    bareRate: median(bare, ({ rate }) => rate),
    proxyRate: median(proxy, ({ rate }) => rate),
    rateRatio: ratio(({ rate }) => rate),
    bareLost: sumLost(bare),
    proxyLost: sumLost(proxy),
  };
  return target === undefined ? result : { ...result, target, isMet: isMet(result, target) };
};

/** An answer that was lost is not a cheap one: no figure counts where one is missing. */
const isMet = ({ cpuRatio, rateRatio, proxyLost }: CaseResult, target: Target): boolean => {
  if (proxyLost > 0) return false;
  switch (target.measure) {
    case "cpu": return cpuRatio.median <= target.atMost;
    case "rate": return rateRatio.median >= target.atLeast;
    case "lost": return proxyLost <= target.atMost;
  }
};
