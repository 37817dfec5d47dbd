import { readDraft } from "../../config/draft.ts";
import type { Edit } from "../../config/fix.ts";
import { fileStart } from "../../config/positions.ts";
import { definitionOf, type Schema } from "../../config/schema.ts";
import { renderTemplate } from "../../config/template.ts";
import { writeValue } from "../../config/write-value.ts";
import { describeModel, shortName, type OfferedModel } from "./offer.ts";

/** An alias for a model of the window. */
export interface OfferedAlias {
  readonly model: OfferedModel;
  readonly name: string;
  readonly target: string;
}

/**
 * The models that a file can name, each with the alias that its own name suggests; none twice and none of `taken`. A vendor
 * with a slash in its name can only be written as a selector, which nobody means by a pick.
 */
export const aliasesFor = (models: readonly OfferedModel[], taken: Iterable<string> = []): readonly OfferedAlias[] => {
  const names = new Set(taken);
  return models.flatMap((model) => {
    const target = shortName(model, models);
    if (model.vendor.includes("/") || !fits("shortTarget", target)) return [];
    const own = target.slice(model.vendor.length + 1).replaceAll(/[\s*]+/g, "-");
    const name = firstFree([own, `${model.vendor.replaceAll(/[\s*]+/g, "-")}-${own}`], names);
    names.add(name);
    return [{ model, name, target }];
  });
};

const firstFree = ([wanted = "", ...others]: readonly string[], taken: ReadonlySet<string>): string => {
  if (!taken.has(wanted)) return wanted;
  return firstFree(others.length > 0 ? others : [`${wanted}-2`], taken);
};

const fits = (definition: string, text: string): boolean => new RegExp(definitionNamed(definition).pattern ?? "", "u").test(text);

const definitionNamed = (name: string): Schema => definitionOf({ $ref: `#/definitions/${name}` });

/** More than these nobody wants in a first file; the rest can be added one by one. */
const mostAliases = 12;

/** A first file for a window with these models. @param port one that is free here */
export const firstFile = (models: readonly OfferedModel[], port: number): string => {
  const aliases = aliasesFor(models, ["echo", "smart"]).slice(0, mostAliases);
  const [first, second] = aliases.map(({ target }) => target);
  return renderTemplate({
    aliases: aliases.map(({ model, name, target }) => ({ name, target, comment: describeModel(model) })),
    list: [second, first].filter((target) => target !== undefined),
    port,
  });
};

/** The names of the aliases that a text declares. */
export const declaredAliases = (text: string): readonly string[] => [...readDraft(text)?.root.entries?.get("models")?.value.entries?.keys() ?? []];

/** Why a name cannot be that of a new alias; nothing where it can. */
export const refuseAlias = (text: string, name: string): string | undefined => {
  if (name === "" || !fits("aliasName", name)) return definitionNamed("aliasName").patternErrorMessage;
  return declaredAliases(text).includes(name) ? `There is an alias named ${name} already.` : undefined;
};

/**
 * Declares an alias in a text, behind the others and in their style. A file without aliases serves every model: it goes on
 * doing so. Nothing where aliases are written in a way that cannot be added to, such as a YAML alias.
 */
export const aliasEdit = (text: string, name: string, target: string): Edit | undefined => {
  const draft = readDraft(text);
  const aliases = draft?.root.entries?.get("models")?.value.data ?? undefined;
  if (draft === undefined) return { range: fileStart, text: `version: 1\nmodels:\n  ${writeValue(name)}: ${writeValue(target)}\n  "*": "*"\n` };
  if (aliases !== undefined) return draft.edits.insert(["models", name], writeValue(target));
  const both = writeValue({ [name]: target, "*": "*" });
  return draft.edits.replaceValue(["models"], both) ?? draft.edits.insert(["models"], both);
};
