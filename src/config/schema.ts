import document from "../../llm-proxy.schema.json" with { type: "json" };
import type { Path } from "./problem.ts";

/** What of JSON Schema is used to explain the language. @see llm-proxy.schema.json, the one description of it */
export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly const?: unknown;
  readonly allOf?: readonly Schema[];
  readonly then?: Schema;
  readonly else?: Schema;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
  /** What editors show for a value that this schema refuses. */
  readonly errorMessage?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  /** The same for `pattern` alone. */
  readonly patternErrorMessage?: string;
  /** Holds a secret, or did so by mistake: never quoted. */
  readonly writeOnly?: boolean;
}

export const schema = document as Schema;

/** The definition that a schema refers to, or itself. */
export const definitionOf = (part: Schema): Schema => (part.$ref === undefined ? part : schema.definitions?.[part.$ref.slice("#/definitions/".length)] ?? {});

/** Every definition with properties by its name, the whole file under `file`. */
export const objects: ReadonlyMap<string, Schema> = new Map(
  [["file", schema] as const, ...Object.entries(schema.definitions ?? {})].filter(([, part]) => part.properties !== undefined),
);

/** Where a property of this name belongs, as paths to show: `listeners.<name>`, and `""` for the top. Empty where the name is unknown. */
export const placesOf = (property: string): readonly string[] => [...places.get(property) ?? []];

/** Every property of the language, once. */
export const propertyNames: readonly string[] = [...new Set([...objects.values()].flatMap((part) => Object.keys(part.properties ?? {})))];

/** The definition of what stands at `path`, so far as the path is one of the language. */
export const definitionAt = (path: Path): Schema | undefined => path.reduce<Schema | undefined>((part, step) => part && childOf(part, step), schema);

/** Every shape that the mapping at `path` may have, by its properties. */
export const shapesAt = (path: Path): readonly Schema[] => {
  const definition = definitionAt(path);
  return definition === undefined ? [] : shapesOf(definition);
};

/** Every part of the schema that speaks of the value at `path`: the definition, and what it refers to or branches into. */
export const partsAt = (path: Path): readonly Schema[] => {
  const definition = definitionAt(path);
  return definition === undefined ? [] : partsOf(definition);
};

const partsOf = (part: Schema): readonly Schema[] => [part, ...alternatives(part).flatMap((other) => partsOf(definitionOf(other)))];

const shapesOf = (part: Schema): readonly Schema[] =>
  [...(part.properties === undefined ? [] : [part]), ...alternatives(part).flatMap((other) => shapesOf(definitionOf(other)))];

const childOf = (part: Schema, step: string | number): Schema | undefined => {
  const named = typeof step === "number" ? part.items : propertyOf(part, step) ?? otherProperties(part);
  if (named !== undefined) return definitionOf(named);
  return alternatives(part).map((other) => childOf(definitionOf(other), step)).find((found) => found !== undefined);
};

const propertyOf = ({ properties = {} }: Schema, name: string): Schema | undefined => (Object.hasOwn(properties, name) ? properties[name] : undefined);

/** What a mapping with names of the user's choice holds under each. */
export const otherProperties = ({ additionalProperties }: Schema): Schema | undefined => (typeof additionalProperties === "object" ? additionalProperties : undefined);

/** Whether a property's definition is that of a duration, a size or another kind that several properties share. */
export const isA = (kind: string, { allOf = [] }: Schema): boolean => allOf.some(({ $ref }) => $ref === `#/definitions/${kind}`);

/** Whether the value at `path` is meant to be a secret or a reference to one. */
export const isSecret = (path: Path): boolean => definitionAt(path)?.writeOnly === true;

/** The parts of a schema that speak of the same value. */
const alternatives = (part: Schema): readonly Schema[] => [part.then, part.else, ...part.allOf ?? []].filter((other) => other !== undefined);

const collectPlaces = (part: Schema, place: string, found: Map<string, Set<string>>): void => {
  const { properties = {}, items } = part;
  const others = otherProperties(part);
  for (const [name, property] of Object.entries(properties)) {
    found.set(name, (found.get(name) ?? new Set()).add(place));
    collectPlaces(definitionOf(property), place === "" ? name : `${place}.${name}`, found);
  }
  if (items !== undefined) collectPlaces(definitionOf(items), `${place}[]`, found);
  if (others !== undefined) collectPlaces(definitionOf(others), `${place}.<name>`, found);
  for (const other of alternatives(part)) collectPlaces(definitionOf(other), place, found);
};

const places = new Map<string, Set<string>>();
collectPlaces(schema, "", places);
