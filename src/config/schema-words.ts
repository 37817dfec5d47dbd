import type { ErrorObject } from "ajv";
import { nearestNames } from "../nearest.ts";
import type { ParsedFile } from "./parse.ts";
import { quoted, renderPath, type Path } from "./problem.ts";
import { definitionAt, definitionOf, isSecret, placesOf, propertyNames, shapesAt, type Schema } from "./schema.ts";
import { propertySlips, valueSlips } from "./slips.ts";
import type { Words } from "./syntax-words.ts";
import { writeValue } from "./write-value.ts";

/** What ajv found, and at which value. */
export interface Finding {
  readonly error: ErrorObject;
  readonly path: Path;
}

/**
 * ajv's finding in our words. A schema's own `errorMessage` goes first, for editors show it too. No value is quoted but a
 * number that needs quotes, and that only where no secret belongs.
 */
export const schemaWords = (finding: Finding, file: ParsedFile): Words => {
  const { error, path } = finding;
  const part = (error.parentSchema ?? {}) as Schema;
  const subject = `"${label(path)}"`;
  const own = error.keyword === "pattern" || error.keyword === "minLength" ? part.patternErrorMessage : part.errorMessage;
  if (own !== undefined) return { message: own, hint: ownHint(finding, part) };
  const words = wordsFor[error.keyword];
  return words?.(finding, part, subject, file) ?? { message: `${subject} is not valid: it ${error.message ?? "is refused"}.`, hint: exampleHint(part, path) };
};

const ownHint = ({ error, path }: Finding, part: Schema): string => {
  if (error.propertyName !== undefined) return `Write for example ${writeValue(part.examples?.[0])}.`;
  return excluding.has(error.keyword) ? "Remove one of them." : slipAt(path, error.data) ?? exampleHint(part, path);
};

/** What the schema says where two properties exclude each other. */
const excluding: ReadonlySet<string> = new Set(["not", "maxProperties"]);

type WordsFor = (finding: Finding, part: Schema, subject: string, file: ParsedFile) => Words;

const wordsFor: Readonly<Record<string, WordsFor>> = {
  type: ({ error, path }, part, subject, file) => ({
    message: path.length === 0 ? `The file must be a mapping of names to values, not ${foundKind(error.data)}.`
      : error.data === null ? `${subject} has no value.`
      : `${subject} must be ${kindsOf(part.type)}, not ${foundKind(error.data, part.type)}.`,
    hint: typeHint(error.data, path, part, file),
  }),
  additionalProperties: ({ error, path }, part) => {
    const name = (error.params as { additionalProperty: string }).additionalProperty;
    return { message: `Unknown property ${quoted(name)}.`, hint: unknownHint(name, part, error.data as object, path) };
  },
  required: ({ error, path }, part) => {
    const name = (error.params as { missingProperty: string }).missingProperty;
    const [example] = definitionOf(part.properties?.[name] ?? {}).examples ?? [];
    const place = path.length === 0 ? "at the top of the file" : `under ${renderPath(path)}`;
    return { message: `"${name}" is missing.`, hint: example === undefined ? exampleHint(part, path) : `Write ${name}: ${writeValue(example)} ${place}.` };
  },
  enum: ({ error, path }, part, subject) => {
    const allowed = (error.params as { allowedValues: readonly (string | number)[] }).allowedValues.map(String);
    const [nearest] = typeof error.data === "string" ? nearestNames(error.data, allowed, 1) : [];
    return { message: `${subject} must be ${oneOf(allowed)}.`, hint: nearest === undefined ? exampleHint(part, path) : `Did you mean ${nearest}?` };
  },
  const: ({ error, path }, _part, subject) => {
    const allowed = writeValue((error.params as { allowedValue: unknown }).allowedValue);
    return { message: `${subject} must be ${allowed}.`, hint: `Write ${label(path)}: ${allowed}.` };
  },
  pattern: ({ error, path }, part, subject) => ({ message: `${subject} must not be empty.`, hint: slipAt(path, error.data) ?? exampleHint(part, path) }),
  minimum: ({ error, path }, part, subject) => ({ message: `${subject} must be at least ${limitOf(error)}.`, hint: exampleHint(part, path) }),
  maximum: ({ error, path }, part, subject) => ({ message: `${subject} must be at most ${limitOf(error)}.`, hint: exampleHint(part, path) }),
  maxItems: ({ error }, _part, subject) => ({ message: `${subject} must have at most ${limitOf(error)} items.`, hint: "Remove what is not needed." }),
  maxProperties: ({ error }, _part, subject) => ({ message: `${subject} must have at most ${limitOf(error)} names.`, hint: "Remove what is not needed." }),
  minLength: ({ path }, part, subject) => ({ message: `${subject} must not be empty.`, hint: exampleHint(part, path) }),
  maxLength: ({ error }, _part, subject) => ({ message: `${subject} must have at most ${limitOf(error)} characters.`, hint: "Shorten it." }),
  minItems: ({ path }, part, subject) => ({ message: `${subject} is an empty list.`, hint: `${exampleHint(part, path).slice(0, -1)}, or remove it.` }),
  minProperties: ({ path }, part, subject) => ({ message: `${subject} is empty.`, hint: exampleHint(part, path, "Write ") }),
};

const limitOf = (error: ErrorObject): number => (error.params as { limit: number }).limit;

/** The last name of a path, with the positions in lists that follow it: `protocols[0]`. */
const label = (path: Path): string => {
  const start = path.findLastIndex((step) => typeof step === "string");
  return start < 0 ? "the file" : `${path[start]}${path.slice(start + 1).map((step) => `[${step}]`).join("")}`;
};

const typeHint = (data: unknown, path: Path, part: Schema, file: ParsedFile): string => {
  const types = [part.type ?? []].flat();
  const written = file.written(path);
  const [words, name] = [part.then?.enum ?? part.enum, path.at(-1)];
  if (words !== undefined && typeof name === "string" && (typeof data === "boolean" || typeof data === "number")) return `Write ${name}: ${oneOf(words.map(String))}.`;
  const wantsText = types.includes("string") && !isSecret(path);
  if (wantsText && (typeof data === "number" || typeof data === "boolean")) return `Put it in quotes: "${written}".`;
  const wantsNumber = types.includes("integer") || types.includes("number");
  if (wantsNumber && typeof data === "string" && /^\d+$/.test(data) && !isSecret(path)) return `Remove the quotes: ${data}.`;
  const word = types.includes("boolean") && typeof data === "string" ? yamlWords.get(data.toLowerCase()) : undefined;
  if (word !== undefined) return `Write ${word}.`;
  // Of several shapes, the one that can hold what stands in a list.
  const example = Array.isArray(data) ? part.examples?.find((each) => typeof each === "object") : undefined;
  return exampleHint(example === undefined ? part : { ...part, examples: [example] }, path);
};

/** What YAML 1.1 took for true and false, and YAML 1.2 takes for text. */
export const yamlWords: ReadonlyMap<string, boolean> = new Map([["yes", true], ["on", true], ["true", true], ["no", false], ["off", false], ["false", false]]);

const unknownHint = (name: string, part: Schema, data: object, path: Path): string => {
  const meant = meantProperty(name, part, data);
  if (meant !== undefined) return `Did you mean ${meant}?`;
  const taken = meantProperty(name, part, {});
  if (taken !== undefined) return `${taken} is here already: put what this holds there, or remove it.`;
  const shapes = shapesAt(path).filter((shape) => meantProperty(name, shape, {}) !== undefined);
  if (shapes.length > 0) return otherShapeHint(part, shapes, path);
  const elsewhere = spellings(name).find((other) => placesOf(other).length > 0);
  if (elsewhere !== undefined) return `${elsewhere} belongs ${placesOf(elsewhere).map((place) => (place === "" ? "at the top of the file" : `under ${place}`)).join(" or ")}.`;
  const known = Object.keys(part.properties ?? {});
  return known.length === 0 ? "Remove it." : `Known here: ${known.join(", ")}.`;
};

/** For a property that another shape of the same mapping has. */
const otherShapeHint = (part: Schema, [shape]: readonly Schema[], path: Path): string => {
  const [own] = part.required ?? [];
  return own === undefined ? exampleHint(shape ?? part, path) : `Remove it, or ${own}: the two do not go together.`;
};

/** The property of a mapping's schema that an unknown name in it was probably meant to be; none that is there already. */
export const meantProperty = (name: string, part: Schema, data: object): string | undefined => {
  const free = Object.keys(part.properties ?? {}).filter((other) => !Object.hasOwn(data, other));
  return spellings(name).find((other) => free.includes(other)) ?? nearestNames(name, free, 1)[0];
};

/** The properties of the language that somebody may write so. */
export const spellings = (name: string): readonly string[] => [
  ...propertyNames.filter((property) => simplify(property) === simplify(name)),
  ...propertySlips.get(simplify(name)) ?? [],
];

/** `allowed-hosts`, `allowed_hosts` and `allowedhosts` are one name to somebody who types. */
const simplify = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, "");

const slipAt = (path: Path, data: unknown): string | undefined => {
  const name = path.findLast((step) => typeof step === "string");
  return typeof data === "string" && typeof name === "string" ? valueSlips.get(name)?.(data)?.hint : undefined;
};

/** The schema's first example, written as it would be in the file. */
const exampleHint = (part: Schema, path: Path, lead = "Write for example "): string => {
  const [example] = part.examples ?? definitionAt(path)?.examples ?? [];
  if (example === undefined) return "See the documentation of this property.";
  const name = path.at(-1);
  return `${lead}${typeof name === "string" ? `${name}: ` : ""}${writeValue(example)}.`;
};

const kindNames: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
};

const kindsOf = (types: Schema["type"]): string => oneOf([types ?? []].flat().map((type) => kindNames[type] ?? type));

const foundKind = (data: unknown, wanted?: Schema["type"]): string => {
  if (data === null) return "nothing";
  if (Array.isArray(data)) return "a list";
  if (typeof data === "number") return wanted?.includes("integer") === true ? "a fraction" : "a number";
  return kindNames[typeof data] ?? typeof data;
};

const oneOf = (names: readonly string[]): string => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`);
