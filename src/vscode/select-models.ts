import type { SelectorTarget } from "../models/host.ts";
import { nearestNames } from "../nearest.ts";

/** What a selector looks at. */
export interface ModelNames {
  readonly vendor: string;
  readonly id: string;
  readonly family: string;
  readonly version: string;
}

/**
 * The models that a target means, in the order given. A `*` in one of its fields stands for the name that the client asked
 * for; a vendor of `*` is any. `vendor/id` names one model exactly; a short form is a family where one is called so, else
 * an id.
 */
export const selectModels = <Candidate extends ModelNames>(target: SelectorTarget, requestedName: string, models: readonly Candidate[]): readonly Candidate[] => {
  const fill = (field: string): string => field.replaceAll("*", requestedName);
  const { vendor, family, version, id, familyOrId } = target;
  const fits = (model: Candidate): boolean =>
    (vendor === undefined || vendor === "*" || model.vendor === vendor)
    && (family === undefined || model.family === fill(family))
    && (version === undefined || model.version === fill(version))
    && (id === undefined || model.id === fill(id));
  const fitting = models.filter(fits);
  if (familyOrId === undefined) return fitting;
  const name = fill(familyOrId);
  const readings: readonly ((model: Candidate) => boolean)[] = [
    (model) => `${model.vendor}/${model.id}` === name,
    (model) => model.family === name,
    (model) => model.id === name,
  ];
  return readings.map((isMeant) => fitting.filter(isMeant)).find((meant) => meant.length > 0) ?? [];
};

/** The vendors whose models an extension of this window brings, with the extension's name. */
export type Providers = ReadonlyMap<string, string>;

/** Why a target means no model, and what to write or do instead. @param models all that there are */
export const explainNoModel = (target: SelectorTarget, requestedName: string, models: readonly ModelNames[], providers: Providers = new Map()): string => {
  const { vendor } = target;
  const ofVendor = models.filter((model) => vendor === undefined || vendor === "*" || model.vendor === vendor);
  if (ofVendor.length === 0) {
    const [provider] = vendor === undefined || vendor === "*" ? providers.values() : [providers.get(vendor)].filter((name) => name !== undefined);
    if (provider !== undefined) return `VS Code has no model ${vendor === undefined || vendor === "*" ? "" : `of the vendor ${quoted(vendor)} `}now: ${provider}, which brings them, is starting still, or nobody is signed in to it.`;
    const others = [...new Set(models.map((model) => model.vendor))].toSorted();
    return vendor === undefined || others.length === 0
      ? noModelHere
      : `VS Code offers no model of the vendor ${quoted(vendor)} here: sign in to its extension, or use a vendor that is there (${others.join(", ")}).`;
  }
  const asked = target.familyOrId ?? target.id ?? target.family ?? target.version ?? requestedName;
  const name = asked.replaceAll("*", requestedName);
  const names = [...new Set(ofVendor.flatMap((model) => [model.family, model.id]))];
  const nearest = nearestNames(name, names);
  return `VS Code has no model for ${quoted(describe(target, requestedName))}: use ${(nearest.length > 0 ? nearest : names.toSorted().slice(0, 5)).join(" or ")}.`;
};

/** The selector as one word or, where it has several fields, as YAML would have it. */
const describe = (target: SelectorTarget, requestedName: string): string => {
  const { vendor = "*", familyOrId } = target;
  if (familyOrId !== undefined) return `${vendor === "*" ? "" : `${vendor}/`}${familyOrId.replaceAll("*", requestedName)}`;
  const fields = (["vendor", "family", "version", "id"] as const).flatMap((name) => (target[name] === undefined ? [] : [`${name}: ${target[name].replaceAll("*", requestedName)}`]));
  return fields.join(", ");
};

const quoted = (text: string): string => `"${text.slice(0, 100)}"`;

/** Models are those of extensions that run where this one does: on the other machine, where the window is on one. */
const noModelHere = "VS Code offers no language model here: install an extension that brings some, such as GitHub Copilot Chat, where this window's extensions run, and sign in to it.";
