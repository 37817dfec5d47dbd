import { resolveTarget, type AliasOptions } from "./catalog.ts";
import type { Target } from "./host.ts";
import type { Hosts } from "./registry.ts";

/** What an alias stands for now. */
export interface DescribedAlias {
  readonly name: string;
  readonly description?: string;
  /** Whether any of its targets runs here. */
  readonly runnable: boolean;
  /** `vendor/id` of the model that would be asked first now; absent where none would, or where that depends on the name asked for. */
  readonly answers?: string;
  /** In the order of the file. */
  readonly targets: readonly DescribedTarget[];
}

export interface DescribedTarget {
  /** As one would write it in the file, in its shortest form. */
  readonly target: string;
  /** `vendor/id`. */
  readonly model?: string;
  /** A whole sentence: why it is skipped now. */
  readonly unavailable?: string;
  /** It has failed again and again: the others are asked before it. */
  readonly isFailing?: true;
  /** Which model that is depends on the name that a client asks for. */
  readonly isByName?: true;
}

/** Calls no model. @param isFailing whether a model, as `vendor/id`, is left alone for now */
export const describeAlias = async ({ name, description, targets }: Pick<AliasOptions, "name" | "description" | "targets">, hosts: Hosts, isFailing: (model: string) => boolean = () => false): Promise<DescribedAlias> => {
  const described = await Promise.all(targets.map((target) => describeTarget(target, name, hosts, isFailing)));
  const able = described.filter(({ unavailable }) => unavailable === undefined);
  const first = able.find((target) => target.isFailing !== true) ?? able[0];
  return {
    name,
    ...(description === undefined ? {} : { description }),
    runnable: able.length > 0,
    ...(first?.model === undefined ? {} : { answers: first.model }),
    targets: described,
  };
};

const describeTarget = async (target: Target, alias: string, hosts: Hosts, isFailing: (model: string) => boolean): Promise<DescribedTarget> => {
  const written = renderTarget(target);
  if (alias.includes("*") && written.includes("*") && hosts[target.kind] !== undefined) return { target: written, isByName: true };
  const found = await resolveTarget(target, alias, hosts);
  if ("unavailable" in found) return { target: written, unavailable: found.unavailable };
  const model = `${found.model.vendor}/${found.model.id}`;
  return { target: written, model, ...(isFailing(model) ? { isFailing: true } : {}) };
};

/** As one would write it in the file, in its shortest form. */
const renderTarget = (target: Target): string => {
  if (target.kind === "echo") return "echo";
  if (target.kind === "upstream") return `${target.upstream}: ${target.model}`;
  const { kind: _, vendor, familyOrId, ...rest } = target;
  const others = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return [...(familyOrId === undefined ? (vendor === undefined ? [] : [`vendor ${vendor}`]) : [vendor === undefined ? familyOrId : `${vendor}/${familyOrId}`]), ...others].join(", ");
};
