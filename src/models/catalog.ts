import { modelNotAllowed, modelNotFound, modelUnavailable, type FailureKind } from "../errors.ts";
import { nearestNames } from "../nearest.ts";
import type { Model, ModelHost, Resolution, Target } from "./host.ts";
import type { Hosts } from "./registry.ts";
import type { AliasSettings } from "./request-settings.ts";

export interface AliasOptions extends AliasSettings {
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

/** What a request may ask for. */
export interface Access {
  /** Names of the aliases that its route serves; absent = all. */
  readonly models?: readonly string[] | undefined;
  /** Names that its key may use: aliases, or what only an alias with a `*` serves; absent = all. */
  readonly keyModels?: readonly string[] | undefined;
  /** For the refusal. */
  readonly keyName?: string | undefined;
}

/** Who answers to which name. Made once for each configuration. */
export interface Catalog {
  /**
   * The alias that a name is served by. Throws `modelNotFound` (404) where nothing matches, `modelNotAllowed` (403) where it is
   * not for this key.
   */
  alias(name: string, access?: Access): AliasOptions;
  /**
   * The models that `name` stands for, in the order in which they are tried; never empty. Most hosts know theirs at once.
   * Throws what `alias` throws, and `modelUnavailable` (503) where no target can run here.
   * @param patienceMs how long the request may wait for models that are about to come; absent = as long as their host sees fit
   */
  candidates(name: string, access?: Access, patienceMs?: number): readonly Candidate[] | Promise<readonly Candidate[]>;
  /** What is known of one name that can be asked for, listed or not. Throws what `alias` throws. */
  entry(name: string, access?: Access): Promise<CatalogEntry>;
  /** Every name that is listed: aliases without a `*`, and the host's models where the alias `*` lets them through. */
  list(access?: Access): Promise<readonly CatalogEntry[]>;
}

export const createCatalog = (aliases: readonly AliasOptions[], hosts: Hosts): Catalog => {
  const exact = new Map(aliases.filter(({ name }) => !name.includes("*")).map((alias) => [alias.name, alias]));
  const wildcards = aliases
    .filter(({ name }) => name.includes("*"))
    // The longest literal wins: `claude-sonnet-*` before `claude-*` before `*`.
    .sort((a, b) => b.name.length - a.name.length);
  /** A name belongs to one alias, whoever asks: one that a route leaves out is not reached there through another's `*`. */
  const owner = (name: string): AliasOptions | undefined => exact.get(name) ?? wildcards.find((wildcard) => matches(wildcard.name, name));
  const find = (name: string, { models }: Access): AliasOptions | undefined => {
    const alias = owner(name);
    return alias !== undefined && (models?.includes(alias.name) ?? true) ? alias : undefined;
  };
  /** The names that may be suggested and listed. */
  const namesFor = ({ models, keyModels }: Access): readonly string[] =>
    [...exact.keys()].filter((name) => (models?.includes(name) ?? true) && (keyModels?.includes(name) ?? true));
  const require = (name: string, access: Access = {}): AliasOptions => {
    const alias = find(name, access);
    if (alias === undefined) throw modelNotFound(name, suggestionsFor(name, namesFor(access).filter((known) => exact.get(known)?.isUnlisted !== true)));
    if (!mayUse(access, name, alias)) throw modelNotAllowed(access.keyName ?? "", name, namesFor(access).slice(0, maxSuggestions));
    return alias;
  };
  return {
    alias: require,
    candidates: (name, access, patienceMs) => runnable(require(name, access), name, hosts, patienceMs),
    entry: async (name, access) => entryOf(name, require(name, access), hosts),
    async list(access = {}) {
      const listed = namesFor(access).map((name) => require(name, access)).filter(({ isUnlisted }) => isUnlisted !== true);
      const entries = await Promise.all(listed.map((alias) => entryOf(alias.name, alias, hosts)));
      const open = wildcards.find(({ name }) => name === "*" && (access.models?.includes("*") ?? true));
      if (open === undefined || open.isUnlisted === true) return entries;
      const others = await openEntries(open, hosts);
      return [...entries, ...others.filter(({ name }) => owner(name) === open && mayUse(access, name, open))];
    },
  };
};

const maxSuggestions = 3;

/** What the client may have meant; where nothing is near, the first of what is there. */
const suggestionsFor = (name: string, names: readonly string[]): readonly string[] => {
  const nearest = nearestNames(name, names, maxSuggestions);
  return nearest.length > 0 ? nearest : names.slice(0, maxSuggestions);
};

/** Whether the key may use what an alias serves under this name: it lists the name itself, or the whole alias. */
const mayUse = ({ keyModels }: Access, name: string, alias: AliasOptions): boolean =>
  keyModels === undefined || keyModels.includes(name) || keyModels.includes(alias.name);

/** Whether a pattern with one `*` stands for the name. */
const matches = (pattern: string, name: string): boolean => {
  const [start = "", end = ""] = pattern.split("*");
  return name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end);
};

const runnable = (alias: AliasOptions, requestedName: string, hosts: Hosts, patienceMs?: number): readonly Candidate[] | Promise<readonly Candidate[]> => {
  const found = alias.targets.map((target) => resolveTarget(target, requestedName, hosts, patienceMs));
  return found.every(isKnown) ? thoseThatCan(found, requestedName) : Promise.all(found.map(async (target) => target)).then((known) => thoseThatCan(known, requestedName));
};

/** One that can answer, or a whole sentence on why nobody does. */
export type FoundTarget = Candidate | { readonly unavailable: string };

const isKnown = (found: FoundTarget | Promise<FoundTarget>): found is FoundTarget => !(found instanceof Promise);

const thoseThatCan = (found: readonly FoundTarget[], requestedName: string): readonly Candidate[] => {
  const candidates = found.filter((target) => "model" in target);
  if (candidates.length > 0) return candidates;
  throw modelUnavailable(requestedName, [...new Set(found.flatMap((target) => ("unavailable" in target ? [target.unavailable] : [])))]);
};

/** Who answers for one target now. */
export const resolveTarget = (target: Target, requestedName: string, hosts: Hosts, patienceMs?: number): FoundTarget | Promise<FoundTarget> => {
  const host = hosts[target.kind];
  if (host === undefined) return { unavailable: missingHost[target.kind] };
  const candidate = (resolution: Resolution): FoundTarget => ("model" in resolution ? { model: resolution.model, host } : resolution);
  const resolution = host.resolve(target, { requestedName, ...(patienceMs === undefined ? {} : { patienceMs }) });
  return resolution instanceof Promise ? resolution.then(candidate) : candidate(resolution);
};

/** Why a kind of target has nobody to answer for it, and the way out. */
const missingHost: Readonly<Record<Target["kind"], string>> = {
  selector: "Its models live in VS Code: open the folder there, or start llm-proxy serve with --stand-in echo, or with the name of an upstream.",
  upstream: "Upstreams cannot be reached here.",
  echo: "This host has no echo model.",
};

/** None where nobody can answer. */
const thoseFound = async (alias: AliasOptions, name: string, hosts: Hosts): Promise<readonly Candidate[]> => {
  try {
    return await runnable(alias, name, hosts);
  } catch {
    return [];
  }
};

const entryOf = async (name: string, alias: AliasOptions, hosts: Hosts): Promise<CatalogEntry> => {
  const [first] = await thoseFound(alias, name, hosts);
  return {
    name,
    ...(first && { vendor: first.model.vendor }),
    ...(alias.description !== undefined && { description: alias.description }),
  };
};

/** The host's own models, where the alias `*` would answer for them. */
const openEntries = async (open: AliasOptions, hosts: Hosts): Promise<readonly CatalogEntry[]> => {
  const entries = new Map<string, CatalogEntry>();
  for (const target of open.targets) {
    const models = await hosts[target.kind]?.listModels() ?? [];
    for (const model of models) {
      const isOffered = target.kind !== "selector" || target.vendor === undefined || target.vendor === "*" || target.vendor === model.vendor;
      if (isOffered && !entries.has(model.id)) entries.set(model.id, { name: model.id, vendor: model.vendor });
    }
  }
  return [...entries.values()];
};
