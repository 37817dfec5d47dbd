import { renderPath, type Problem } from "./config/problem.ts";
import type { Config } from "./config/types.ts";
import { describeAlias, type DescribedAlias } from "./models/describe-alias.ts";
import type { Hosts } from "./models/registry.ts";
import type { KeyOptions } from "./policies/auth.ts";
import { demandsOfKey } from "./policies/rate-limit.ts";
import type { ProxyStatus } from "./proxy-status.ts";
import type { Clock, PolicyMemory } from "./services.ts";

/** All that there is to say of a proxy: what `/health` gives to who may know, and `llm-proxy status` renders. */
export interface ProxyReport extends ProxyStatus {
  /** What each alias stands for now. */
  readonly aliases: readonly DescribedAlias[];
  readonly keys: readonly KeyStatus[];
  /** What was wrong with the file when it was last read, and with the sockets of the one in force. */
  readonly problems: readonly ReportedProblem[];
}

export interface KeyStatus {
  readonly name: string;
  /** `unset`: its reference is empty, and it matches nobody. */
  readonly state: "active" | "expired" | "unset";
  /** Names that it may ask for; absent = all. */
  readonly models?: readonly string[];
  /** As `2027-01-01T00:00:00.000Z`; absent = never. */
  readonly expires?: string;
  /** What is left of its own limits, and of those that a route keeps for each key. */
  readonly limits: readonly LimitStatus[];
}

export interface LimitStatus {
  readonly limit: string;
  /** Absent = on all routes together. */
  readonly route?: string;
  readonly size: number;
  readonly remaining: number;
  /** Until all of it is there again. */
  readonly resetMs: number;
}

/** A problem in the user's file; `path` as one would write it down. */
export interface ReportedProblem {
  readonly severity: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export interface ReportContext {
  readonly status: ProxyStatus;
  /** Absent while nothing is in force. */
  readonly running: { readonly config: Config; readonly hosts: Hosts } | undefined;
  readonly memory: PolicyMemory;
  readonly problems: readonly Problem[];
  readonly clock: Clock;
}

/** Asks hosts which models there are, and no model anything. */
export const reportOf = async ({ status, running, memory, problems, clock }: ReportContext): Promise<ProxyReport> => {
  const { config, hosts } = running ?? { config: undefined, hosts: {} };
  const aliases = await Promise.all((config?.models ?? []).map((alias) =>
    inTime(describeAlias(alias, hosts, memory.breaker.isFailing), { name: alias.name, runnable: false, targets: [] }, clock)));
  const keys = await Promise.all((config?.keys ?? []).map((key) => keyStatus(key, config?.routes ?? [], memory, clock)));
  return { ...status, aliases, keys, problems: problems.map(reported) };
};

/** An editor that is just starting may take long to say which models it has, and whoever asks for health wants to hear at once. */
const patienceMs = 250;

const inTime = <Value>(value: Promise<Value>, otherwise: Value, clock: Clock): Promise<Value> => {
  const { promise, resolve } = Promise.withResolvers<Value>();
  const cancel = clock.after(patienceMs, () => resolve(otherwise));
  return Promise.race([value, promise]).finally(cancel);
};

const keyStatus = async (key: KeyOptions, routes: Config["routes"], { limits }: PolicyMemory, clock: Clock): Promise<KeyStatus> => {
  const { name, sha256, models, expiresAt } = key;
  const demands = demandsOfKey(key, routes);
  const standings = await limits.look(demands.map(({ demand }) => demand));
  return {
    name,
    state: sha256 === undefined ? "unset" : expiresAt !== undefined && expiresAt <= clock.now() ? "expired" : "active",
    ...(models === undefined ? {} : { models }),
    ...(expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() }),
    limits: demands.map(({ limit, route }, index) => {
      const { demand: { size = 0 } = {}, remaining = 0, resetMs = 0 } = standings[index] ?? {};
      return { limit, ...(route === undefined ? {} : { route }), size, remaining, resetMs };
    }),
  };
};

const reported = ({ severity, range, path, message, hint }: Problem): ReportedProblem =>
  ({ severity, line: range.start.line, column: range.start.column, path: renderPath(path), message, hint });
