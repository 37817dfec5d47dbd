import { definitionAt, definitionOf, otherProperties, shapesAt, type Schema } from "../../config/schema.ts";
import { writeValue } from "../../config/write-value.ts";
import type { Completion } from "./completion.ts";
import { valuesAt } from "./complete-values.ts";
import { cursorAt, type Cursor } from "./cursor.ts";
import { explain } from "./explain.ts";
import { namesIn } from "./names.ts";
import { describeModel, shortName, type Offer, type OfferedModel } from "./offer.ts";

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
