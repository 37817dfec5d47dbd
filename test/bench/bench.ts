import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { BenchCase } from "./cases.ts";
import { createChildren, type MeasuredServer, type ServerOptions } from "./children.ts";
import { measureCase, type CaseResult } from "./measure.ts";

export interface BenchOptions {
  /** A few rounds of each case: enough to see that all works, and roughly where it stands. */
  readonly isQuick: boolean;
  /** Where to leave a CPU profile of the proxy's process; absent = none is made, which costs less. */
  readonly profileFolder: string | undefined;
  /** Is told when a case begins. */
  readonly onCase: (benchCase: BenchCase) => void;
}

export interface BenchReport {
  readonly machine: { readonly node: string; readonly platform: string; readonly processor: string; readonly cores: number };
  readonly results: readonly CaseResult[];
}

const quickRounds = 3;

/** Measures the cases one after another, each on the same two servers, in processes of their own that end with the run. */
export const bench = async (cases: readonly BenchCase[], { isQuick, profileFolder, onCase }: BenchOptions): Promise<BenchReport> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-bench-"));
  const children = createChildren();
  try {
    const proxy = await children.startServer(proxyIn(folder, "proxy", configOf(cases), profileFolder));
    const others: Readonly<Record<NonNullable<BenchCase["against"]>, () => Promise<MeasuredServer>>> = {
      "bare server": once(() => children.startServer({ program: "bare-server.ts" })),
      "metrics off": once(async () => {
        await (await fetch(`http://127.0.0.1:${proxy.port}/metrics`)).text();
        return children.startServer(proxyIn(folder, "without-metrics", { ...configOf(cases), metrics: { enabled: false } }));
      }),
    };
    const load = children.startClient();
    const results: CaseResult[] = [];
    for (const benchCase of cases) {
      onCase(benchCase);
      const rounds = isQuick ? Math.min(quickRounds, benchCase.rounds) : benchCase.rounds;
      results.push(await measureCase(benchCase, rounds, { bare: await others[benchCase.against ?? "bare server"](), proxy, load }));
    }
    return { machine: machine(), results };
  } finally {
    await children.endAll();
    rmSync(folder, { recursive: true });
  }
};

/** The command as users get it, with all that is on by default; its log goes to a file, as a service's does. */
const proxyIn = (folder: string, name: string, file: object, profileFolder?: string): ServerOptions => {
  const config = join(folder, `${name}.yaml`);
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(file));
  return {
    program: "../../dist/cli.cjs",
    args: ["serve", "--config", config, "--json"],
    logFile: join(folder, `${name}.log`),
    ...(profileFolder === undefined ? {} : { execArgv: ["--cpu-prof", `--cpu-prof-dir=${resolve(profileFolder)}`] }),
  };
};

/** What the proxy serves. */
const configOf = (cases: readonly BenchCase[]): object => {
  const models = cases.map(({ model, echo: { reply, parts, delayMs } }) => [model, { echo: { reply, parts, delay: `${delayMs}ms` } }]);
  return { version: 1, listeners: { local: { ports: 0 } }, models: Object.fromEntries(models) as unknown };
};

/** Makes something at the first call, and gives the same at each. */
const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
};

const machine = (): BenchReport["machine"] => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
});
