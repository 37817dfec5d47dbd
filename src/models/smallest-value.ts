import type { JsonObject, JsonValue } from "../chat/request.ts";
import { invalidField } from "../errors.ts";

/** A schema comes with a request: what it makes us build must stay small, however it is written. */
const mostValues = 10_000;
const mostCharacters = 100_000;
const mostLevels = 100;

/** What is left of the bounds above, and where `$ref` points into. */
interface Build {
  readonly root: JsonObject;
  values: number;
  characters: number;
}

/**
 * A value that is as small as its JSON Schema allows: required properties only, lower bounds, the first of an enum or of
 * alternatives. `pattern` and `format` are not obeyed. Throws `invalidField` (400) for a schema whose smallest value is
 * beyond all use, such as a million items or a list that must hold itself.
 */
export const smallestValue = (schema: JsonObject): JsonValue =>
  build(schema, { root: schema, values: mostValues, characters: mostCharacters }, 0);

const build = (schema: JsonObject, state: Build, level: number): JsonValue => {
  state.values -= 1;
  if (state.values < 0 || level > mostLevels) throw tooLarge();
  const plain = flatten(schema, state, level);
  if (plain["const"] !== undefined) return plain["const"];
  const [first] = listOr(plain["enum"]);
  if (first !== undefined) return first;
  switch (typeOf(plain)) {
    case "string": return buildString(plain, state);
    case "integer": return smallestNumber(plain, 1);
    case "number": return smallestNumber(plain, 0);
    case "boolean": return false;
    case "null": return null;
    case "array": return buildArray(plain, state, level);
    default: return buildObject(plain, state, level);
  }
};

/** A type that is left out follows from what only one type has. */
const typeOf = (schema: JsonObject): JsonValue | undefined => {
  const type = Array.isArray(schema["type"]) ? listOr(schema["type"])[0] : schema["type"];
  if (type !== undefined) return type;
  if (schema["items"] !== undefined || schema["prefixItems"] !== undefined) return "array";
  return schema["minLength"] === undefined ? "object" : "string";
};

/** The schema with what `$ref`, `allOf` and the first of `anyOf` or `oneOf` add to it. */
const flatten = (schema: JsonObject, state: Build, level: number): JsonObject => {
  if (level > mostLevels) throw tooLarge();
  const { $ref: ref, allOf, anyOf, oneOf, ...own } = schema;
  const more = [
    ...(typeof ref === "string" ? [resolveRef(ref, state.root)] : []),
    ...listOr(allOf),
    ...listOr(anyOf).slice(0, 1),
    ...listOr(oneOf).slice(0, 1),
  ];
  state.values -= more.length;
  if (state.values < 0) throw tooLarge();
  return more.reduce<JsonObject>((merged, part) => merge(merged, flatten(objectOr(part), state, level + 1)), own);
};

const merge = (a: JsonObject, b: JsonObject): JsonObject => ({
  ...b,
  ...a,
  properties: { ...objectOr(b["properties"]), ...objectOr(a["properties"]) },
  required: [...new Set([...listOr(a["required"]), ...listOr(b["required"])])],
});

/** `#/$defs/city` -> the schema there; anything else, as a URL, allows everything. */
const resolveRef = (ref: string, root: JsonObject): JsonValue => {
  const names = ref.startsWith("#/") ? ref.slice(2).split("/") : ref === "#" ? [] : undefined;
  return names?.reduce<JsonValue>((node, name) => objectOr(node)[name.replaceAll("~1", "/").replaceAll("~0", "~")] ?? {}, root) ?? {};
};

const buildString = (schema: JsonObject, state: Build): string => {
  const length = count(schema["minLength"]);
  state.characters -= length;
  if (state.characters < 0) throw tooLarge();
  return "x".repeat(length);
};

/** The number nearest to 0 between the bounds. @param step 1 for integers, 0 for any number */
const smallestNumber = (schema: JsonObject, step: 0 | 1): number => {
  const multiple = numberOr(schema["multipleOf"], step);
  const above = Math.max(numberOr(schema["minimum"], -Infinity), after(schema["exclusiveMinimum"], multiple, 1));
  const below = Math.min(numberOr(schema["maximum"], Infinity), after(schema["exclusiveMaximum"], multiple, -1));
  const nearest = above > 0 ? above : Math.min(0, below);
  if (multiple <= 0) return nearest;
  return (above > 0 ? Math.ceil(nearest / multiple) : Math.floor(nearest / multiple)) * multiple;
};

/** The first value past an exclusive bound that is allowed, or near enough to it where every number is. */
const after = (bound: JsonValue | undefined, multiple: number, direction: 1 | -1): number => {
  if (typeof bound !== "number") return -direction * Infinity;
  if (multiple <= 0) return bound + direction * Math.max(Math.abs(bound), 1) * 1e-6;
  return (direction > 0 ? Math.floor(bound / multiple) + 1 : Math.ceil(bound / multiple) - 1) * multiple;
};

const buildArray = (schema: JsonObject, state: Build, level: number): readonly JsonValue[] => {
  const length = count(schema["minItems"]);
  if (length > state.values) throw tooLarge();
  const heads = listOr(schema["prefixItems"]);
  return Array.from({ length }, (_, index) => build(objectOr(heads[index] ?? schema["items"]), state, level + 1));
};

const buildObject = (schema: JsonObject, state: Build, level: number): JsonObject => {
  const properties = objectOr(schema["properties"]);
  const names = listOr(schema["required"]).filter((name) => typeof name === "string");
  return Object.fromEntries(names.map((name) => [name, build(objectOr(properties[name]), state, level + 1)]));
};

const tooLarge = (): Error =>
  invalidField("tools", "The smallest arguments that a tool's parameters allow are too large for the echo model: lower minItems or minLength, or nest less.");

const numberOr = (value: JsonValue | undefined, fallback: number): number => (typeof value === "number" ? value : fallback);
const count = (value: JsonValue | undefined): number => Math.max(0, Math.ceil(numberOr(value, 0)));
const listOr = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? (value as readonly JsonValue[]) : []);
const objectOr = (value: JsonValue | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
