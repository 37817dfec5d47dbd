import type { Path } from "../../config/problem.ts";
import { definitionAt, definitionOf, isA, otherProperties, partsAt, shapesAt, type Schema } from "../../config/schema.ts";
import { writeValue } from "../../config/write-value.ts";
import { cursorAt, type Cursor } from "./cursor.ts";
import { explain } from "./explain.ts";
import { namesIn } from "./names.ts";
import { describeModel, shortName, type Offer, type OfferedModel } from "./offer.ts";
import { roleAt, type Role } from "./roles.ts";

/** One thing that can stand at the cursor. */
export interface Completion {
  readonly label: string;
  readonly kind: "property" | "value" | "model" | "name" | "secret";
  /** Replaces the word at the cursor; further lines are indented from the first character of its line. */
  readonly insert: string;
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** Whether what follows it can be completed at once. */
  readonly goesOn?: true;
}

export interface Completions {
  /** Offsets of the word that each replaces. */
  readonly start: number;
  readonly end: number;
  /** The likeliest first, none twice. What is typed so far does not narrow them: that is the editor's. */
  readonly items: readonly Completion[];
}

/** What can stand at an offset of a file: names and values of the language, names of the file, and what the window has. */
export const complete = (text: string, offset: number, offer: Offer): Completions | undefined => {
  const cursor = cursorAt(text, offset);
  if (cursor === undefined) return undefined;
  const items = [
    ...(cursor.kind === "value" ? [] : namesAt(cursor, offer)),
    ...(cursor.kind === "name" ? [] : valuesAt(cursor, offer)),
  ];
  return { start: cursor.start, end: cursor.end, items: items.filter(({ label }, index) => items.findIndex((other) => other.label === label) === index) };
};

const namesAt = (cursor: Cursor, offer: Offer): readonly Completion[] => {
  const { path, siblings } = cursor;
  const properties = shapesFor(cursor).flatMap(({ properties: named = {} }) => Object.entries(named));
  return [
    ...properties.filter(([name]) => !siblings.includes(name)).map(([name, part]) => propertyItem(name, definitionOf(part), cursor)),
    ...(path.length === 1 ? entriesAt(cursor, offer).filter(({ label }) => !siblings.includes(label)) : []),
  ];
};

/** Of the shapes that a mapping may have, those that know what stands in it already. */
const shapesFor = ({ path, siblings }: Cursor): readonly Schema[] => {
  const shapes = shapesAt(path).map(({ properties = {} }) => properties);
  const groups = shapes.flatMap((properties) => exclusive.filter((group) => group.every((name) => name in properties)).map((group) => Object.fromEntries(group.map((name) => [name, properties[name] ?? {}]))));
  const whole = shapes.filter((properties) => !exclusive.some((group) => group.every((name) => name in properties)));
  const fitting = [...groups, ...whole].filter((properties) => siblings.every((name) => name in properties || !isKnown(name, shapes)));
  return fitting.map((properties) => ({ properties }));
};

const isKnown = (name: string, shapes: readonly object[]): boolean => shapes.some((properties) => name in properties);

/** The three kinds of targets: names of different ones do not go together, which the schema says with if and else. */
const exclusive: readonly (readonly string[])[] = [["vendor", "family", "version", "id"], ["upstream", "model"], ["echo"]];

const propertyItem = (name: string, part: Schema, cursor: Cursor): Completion => ({
  label: name,
  kind: "property",
  insert: cursor.hasColon ? name : `${name}:${separatorFor(part, cursor)}`,
  documentation: explain(part),
  ...(cursor.hasColon ? {} : { goesOn: true as const }),
});

/** What stands between a name and its value: nested mappings and lists of them go onto their own lines. */
const separatorFor = (part: Schema, { isInFlow, indent }: Cursor): string => {
  const isMapping = part.type === "object";
  const isListOfMappings = part.type === "array" && definitionOf(part.items ?? {}).type === "object";
  if (isInFlow || !(isMapping || isListOfMappings)) return " ";
  return `\n${" ".repeat(indent + 2)}${isListOfMappings ? "- " : ""}`;
};

/** Whole entries of the sections in which the user gives the names. */
const entriesAt = ({ path, hasColon, root }: Cursor, { models }: Offer): readonly Completion[] => {
  const definition = definitionAt(path);
  const others = otherProperties(definition ?? {});
  if (definition === undefined || others === undefined || hasColon) return [];
  const documentation = explain(definitionOf(others));
  const examples = (definition.examples ?? []).flatMap((example) => Object.entries(example as object)) as readonly (readonly [string, unknown])[];
  const fromExamples = examples.map(([name, value]): Completion => ({ label: name, kind: "value", insert: `${writeValue(name)}: ${writeValue(value)}`, detail: "example", documentation }));
  if (path[0] !== "models") return fromExamples;
  const taken = new Set(namesIn(root).filter(({ kind, isDeclaration }) => kind === "alias" && isDeclaration).map(({ name }) => name));
  const offered = models.filter(({ family }) => !taken.has(family)).map((model) => aliasItem(model, models));
  return offered.length === 0 ? fromExamples : [...offered, ...wildcardItems(models)];
};

const aliasItem = (model: OfferedModel, models: readonly OfferedModel[]): Completion => {
  const target = shortName(model, models);
  const name = target.slice(model.vendor.length + 1);
  return { label: name, kind: "model", insert: `${writeValue(name)}: ${writeValue(target)}`, detail: describeModel(model), documentation: `Answered by \`${target}\`.` };
};

const wildcardItems = (models: readonly OfferedModel[]): readonly Completion[] =>
  [...new Set(models.map(({ vendor }) => vendor))].map((vendor) => ({
    label: `"*": ${vendor}/*`, kind: "model", insert: `"*": ${vendor}/*`, detail: "every other name", documentation: `A name that is no alias is asked of \`${vendor}\` as it is.`,
  }));

const valuesAt = (cursor: Cursor, offer: Offer): readonly Completion[] => {
  const { path } = cursor;
  const role = roleAt(path);
  if (role !== undefined) return roleItems(role, cursor, offer);
  const items = roleAt([...path, 0]);
  // On a line of its own a list begins with a dash, on the line of its name with a bracket.
  if (items !== undefined && path.at(-1) !== "targets" && definitionAt(path)?.type === "array") return roleItems(items, { ...cursor, siblings: [] }, offer).map((item) => asList(item, cursor));
  if (cursor.kind === "value") return literalItems(path, cursor);
  // Below its name, what stands between brackets elsewhere is written line by line.
  if (definitionAt(path)?.type === "array") return literalItems([...path, 0], cursor).map((item) => asList(item, cursor));
  return definitionAt(path)?.type === "object" ? [] : literalItems(path, cursor);
};

const asList = (item: Completion, { kind }: Cursor): Completion =>
  (kind === "either" ? { ...item, insert: `- ${item.insert}` } : { ...item, insert: `[ ${item.insert} ]` });

/** Values that the schema names: all that there are, or the default and examples. */
const literalItems = (path: Path, { siblings }: Cursor): readonly Completion[] => {
  const definition = definitionAt(path);
  const parts = partsAt(path);
  const all = parts.flatMap((part) => [...part.enum ?? [], ...(part.const === undefined ? [] : [part.const]), ...(part.type === "boolean" ? [true, false] : [])]);
  const isOpen = all.length === 0 || parts.some(({ type, pattern }) => pattern !== undefined || [type ?? []].flat().includes("object"));
  const examples = parts.filter((part) => part === definition || isA("duration", definition ?? {})).flatMap((part) => part.examples ?? []);
  const values = [...(definition?.default === undefined ? [] : [definition.default]), ...(isOpen ? [...examples, ...all] : all)];
  const isDefault = (value: unknown): boolean => JSON.stringify(value) === JSON.stringify(definition?.default);
  return values.filter((value) => !siblings.includes(String(value))).map((value) => ({
    label: writeValue(value), kind: "value", insert: writeValue(value), ...(isDefault(value) ? { detail: "default" } : all.some((known) => known === value) ? {} : { detail: "example" }), ...(definition && { documentation: explain(definition) }),
  }));
};

const roleItems = (role: Role, cursor: Cursor, offer: Offer): readonly Completion[] => {
  const { path, root, siblings } = cursor;
  switch (role) {
    case "alias": case "key": case "listener": case "upstream": {
      const names = namesIn(root).filter(({ kind, isDeclaration }) => isDeclaration && kind === role).map(({ name }) => name);
      return names.filter((name) => !siblings.includes(name)).map((name) => ({ label: name, kind: "name", insert: writeValue(name), detail: role }));
    }
    case "target":
      return targetItems(offer.models, siblings);
    case "secret":
      return secretItems(offer);
    default:
      return modelItems(role, siblingsOf(path, root), offer.models);
  }
};

const targetItems = (models: readonly OfferedModel[], siblings: readonly string[]): readonly Completion[] => {
  const named = models.map((model): Completion => ({ label: shortName(model, models), kind: "model", insert: writeValue(shortName(model, models)), detail: describeModel(model) }));
  const whole = [...new Set(models.map(({ vendor }) => vendor))].map((vendor): Completion => ({ label: `${vendor}/*`, kind: "model", insert: `${vendor}/*`, detail: "the model that the client names" }));
  const echo: Completion = { label: "{ echo: {} }", kind: "value", insert: "{ echo: {} }", detail: "the embedded model, for a first try" };
  return [...named, ...whole, echo].filter(({ label }) => !siblings.includes(label));
};

/** The names that the models which fit the rest of the selector have. */
const modelItems = (field: "vendor" | "family" | "version" | "id", selector: Readonly<Record<string, unknown>>, models: readonly OfferedModel[]): readonly Completion[] => {
  const fits = (model: OfferedModel): boolean => (["vendor", "family", "version", "id"] as const).every((name) => name === field || typeof selector[name] !== "string" || selector[name].includes("*") || model[name] === selector[name]);
  return models.filter(fits).map((model) => ({ label: model[field], kind: "model", insert: writeValue(model[field]), ...(field === "vendor" ? {} : { detail: describeModel(model) }) }));
};

const siblingsOf = (path: Path, root: Cursor["root"]): Readonly<Record<string, unknown>> =>
  path.slice(0, -1).reduce<unknown>((data, step) => (data as Readonly<Record<string | number, unknown>> | undefined)?.[step], root.data) as Readonly<Record<string, unknown>> | undefined ?? {};

const secretItems = ({ secrets, variables }: Offer): readonly Completion[] => [
  ...secrets.map((name): Completion => ({ label: `\${secret:${name}}`, kind: "secret", insert: `"\${secret:${name}}"`, detail: "kept by this editor" })),
  ...variables.toSorted((a, b) => Number(looksSecret(b)) - Number(looksSecret(a))).map((name): Completion => ({ label: `\${env:${name}}`, kind: "secret", insert: `"\${env:${name}}"`, detail: "set in the environment" })),
];

const looksSecret = (name: string): boolean => /KEY|TOKEN|SECRET/.test(name);
