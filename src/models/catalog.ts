import { modelNotFound, modelUnavailable, type FailureKind } from "../errors.ts";
import { nearestNames } from "../nearest.ts";
import type { Model, ModelHost, Target } from "./host.ts";
import type { Hosts } from "./registry.ts";

export interface AliasOptions {
  /** What a client writes under "model"; may hold one `*`. */
  readonly name: string;
  /** Tried in order; at least one. */
  readonly targets: readonly Target[];
  /** The kinds of failure after which the next target is asked. */
  readonly fallbackOn: readonly FailureKind[];
  /** For people, in lists of models. */
  readonly description?: string;
  /** `listed: false`: lists of models leave it out. It can be asked for all the same. */
  readonly isUnlisted?: true;
}

/** What a name stands for now: models that can be asked, first choice first. */
export interface Candidate {
  readonly model: Model;
  readonly host: ModelHost;
}

/** One name that a client can ask for. */
export interface CatalogEntry {
  readonly name: string;
  /** Vendor of the first model that can answer; absent while nobody can. */
  readonly vendor?: string;
  readonly description?: string;
}

/** Who answers to which name. Made once for each configuration. */
export interface Catalog {
  /** The alias that a name is served by. Throws `modelNotFound` (404). */
  alias(name: string, allowed?: readonly string[]): AliasOptions;
  /**
   * The models that `name` stands for, in the order in which they are tried; never empty.
   * Throws `modelNotFound` (404) for a name that nothing matches, `modelUnavailable` (503) where no target can run here.
   * @param allowed names of aliases that may be used; absent = all
   */
  candidates(name: string, allowed?: readonly string[]): Promise<readonly Candidate[]>;
  /** What is known of one name that can be asked for, listed or not. Throws `modelNotFound` (404). */
  entry(name: string, allowed?: readonly string[]): Promise<CatalogEntry>;
  /** Every name that is listed: aliases without a `*`, and the host's models where the alias `*` lets them through. */
  list(allowed?: readonly string[]): Promise<readonly CatalogEntry[]>;
}

export const createCatalog = (aliases: readonly AliasOptions[], hosts: Hosts): Catalog => {
  const exact = new Map(aliases.filter(({ name }) => !name.includes("*")).map((alias) => [alias.name, alias]));
  const wildcards = aliases
    .filter(({ name }) => name.includes("*"))
    // The longest literal wins: `claude-sonnet-*` before `claude-*` before `*`.
    .sort((a, b) => b.name.length - a.name.length);
  const find = (name: string, allowed: readonly string[] | undefined): AliasOptions | undefined => {
    const isAllowed = (alias: AliasOptions): boolean => allowed === undefined || allowed.includes(alias.name);
    const alias = exact.get(name);
    return alias !== undefined && isAllowed(alias) ? alias
      : wildcards.find((wildcard) => isAllowed(wildcard) && matches(wildcard.name, name));
  };
  const require = (name: string, allowed: readonly string[] | undefined): AliasOptions => {
    const alias = find(name, allowed);
    if (alias === undefined) throw modelNotFound(name, nearestNames(name, namesOf(exact.keys(), allowed)));
    return alias;
  };
  return {
    alias: require,
    candidates: async (name, allowed) => await runnable(require(name, allowed), name, hosts),
    entry: async (name, allowed) => entryOf(name, require(name, allowed), hosts),
    async list(allowed) {
      const names = namesOf(exact.keys(), allowed);
      const open = wildcards.find(({ name }) => name === "*" && (allowed === undefined || allowed.includes("*")));
      const listed = names.map((name) => require(name, allowed)).filter(({ isUnlisted }) => isUnlisted !== true);
      const entries = await Promise.all(listed.map((alias) => entryOf(alias.name, alias, hosts)));
      return open === undefined || open.isUnlisted === true ? entries : [...entries, ...await openEntries(open, new Set(names), hosts)];
    },
  };
};

const namesOf = (names: Iterable<string>, allowed: readonly string[] | undefined): readonly string[] =>
  [...names].filter((name) => allowed === undefined || allowed.includes(name));

/** Whether a pattern with one `*` stands for the name. */
const matches = (pattern: string, name: string): boolean => {
  const [start = "", end = ""] = pattern.split("*");
  return name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end);
};

const runnable = async (alias: AliasOptions, requestedName: string, hosts: Hosts): Promise<readonly Candidate[]> => {
  const candidates: Candidate[] = [];
  const reasons: string[] = [];
  for (const target of alias.targets) {
    const host = hosts[target.kind];
    if (host === undefined) {
      reasons.push(missingHost[target.kind]);
      continue;
    }
    const resolution = await host.resolve(target, { requestedName });
    if ("model" in resolution) candidates.push({ model: resolution.model, host });
    else reasons.push(resolution.unavailable);
  }
  if (candidates.length === 0) throw modelUnavailable(requestedName, [...new Set(reasons)]);
  return candidates;
};

/** Why a kind of target has nobody to answer for it, and the way out. */
const missingHost: Readonly<Record<Target["kind"], string>> = {
  selector: "Its models live in VS Code: open the folder there, or start llm-proxy serve with --stand-in echo.",
  upstream: "Upstreams cannot be reached here.",
  echo: "This host has no echo model.",
};

const entryOf = async (name: string, alias: AliasOptions, hosts: Hosts): Promise<CatalogEntry> => {
  const [first] = await runnable(alias, name, hosts).catch(() => []);
  return {
    name,
    ...(first && { vendor: first.model.vendor }),
    ...(alias.description !== undefined && { description: alias.description }),
  };
};

/** The host's own models, where the alias `*` would answer for them. */
const openEntries = async (open: AliasOptions, taken: ReadonlySet<string>, hosts: Hosts): Promise<readonly CatalogEntry[]> => {
  const entries = new Map<string, CatalogEntry>();
  for (const target of open.targets) {
    const models = await hosts[target.kind]?.listModels() ?? [];
    for (const model of models) {
      const isOffered = !taken.has(model.id) && (target.kind !== "selector" || target.vendor === undefined || target.vendor === "*" || target.vendor === model.vendor);
      if (isOffered && !entries.has(model.id)) entries.set(model.id, { name: model.id, vendor: model.vendor });
    }
  }
  return [...entries.values()];
};
