import type { AliasOptions } from "../models/catalog.ts";

/** The names that have labels of their own; all others are `other`, because clients make them up. */
export interface KnownNames {
  /** An alias of the configuration, as it is written there. */
  alias(name: string): string;
  /** A model that answered. @param model `vendor/id` */
  model(vendor: string, model: string): string;
}

/**
 * Known are aliases, the editor's models, of which there are as many as it has, and of an upstream those that the
 * configuration names. Where an alias hands a client's own word on to an upstream, that may be any word.
 */
export const createKnownNames = (models: readonly Pick<AliasOptions, "name" | "targets">[]): KnownNames => {
  const aliases = new Set(models.map(({ name }) => name));
  const upstreams = new Map<string, Set<string>>();
  for (const target of models.flatMap(({ targets }) => targets)) {
    if (target.kind !== "upstream") continue;
    const named = upstreams.get(target.upstream) ?? new Set();
    if (!target.model.includes("*")) named.add(`${target.upstream}/${target.model}`);
    upstreams.set(target.upstream, named);
  }
  return {
    alias: (name) => (aliases.has(name) ? name : "other"),
    model: (vendor, model) => (upstreams.get(vendor)?.has(model) ?? true ? model : "other"),
  };
};
