import { nearestNames } from "../nearest.ts";
import { fixBy, type Fix } from "./fix.ts";
import type { ParsedFile } from "./parse.ts";
import type { Path } from "./problem.ts";
import { sha256 } from "./references.ts";
import { definitionAt, definitionOf, isA, isSecret, partsAt, placesOf, type Schema } from "./schema.ts";
import { meantProperty, spellings, yamlWords, type Finding } from "./schema-words.ts";
import { valueSlips } from "./slips.ts";
import { repairUnit } from "./units.ts";
import { writeValue } from "./write-value.ts";

/** Changes of the file that do away with what ajv found, the best first. One that cannot be made is `undefined`. */
export const schemaFixes = (finding: Finding, file: ParsedFile): readonly (Fix | undefined)[] =>
  fixesFor[finding.error.keyword]?.(finding, (finding.error.parentSchema ?? {}) as Schema, file) ?? [];

type FixesFor = (finding: Finding, part: Schema, file: ParsedFile) => readonly (Fix | undefined)[];

const fixesFor: Readonly<Record<string, FixesFor>> = {
  additionalProperties: ({ error, path }, part, file) => {
    const name = (error.params as { additionalProperty: string }).additionalProperty;
    const meant = meantProperty(name, part, error.data as object);
    if (meant !== undefined) return [fixBy(`Change to ${meant}`, file.edits.replaceName([...path, name], meant))];
    return path.length === 0 ? [moveToListener(name, error.data as TopLevel, file)] : [];
  },
  required: ({ error, path }, part, { edits }) => {
    const name = (error.params as { missingProperty: string }).missingProperty;
    const [example] = definitionOf(part.properties?.[name] ?? {}).examples ?? [];
    return example === undefined ? [] : [fixBy(`Add ${name}: ${writeValue(example)}`, edits.insert([...path, name], writeValue(example)))];
  },
  enum: ({ error, path }, _part, file) => {
    const allowed = (error.params as { allowedValues: readonly (string | number)[] }).allowedValues;
    const nearest = typeof error.data === "string" ? nearestNames(error.data, allowed.map(String), 1) : [];
    const offered = nearest.length > 0 ? allowed.filter((value) => nearest.includes(String(value))) : allowed.length <= 4 ? allowed : [];
    return offered.map((value) => changeTo(value, path, file));
  },
  const: ({ error, path }, part, file) =>
    (part.errorMessage === undefined ? [changeTo((error.params as { allowedValue: unknown }).allowedValue, path, file)] : withUnits(error.data, path, file)),
  type: ({ error, path }, part, file) => {
    const words = partsAt(path).flatMap((other) => other.enum ?? []);
    // In quotes it would be another text than those that are allowed. What was true is to be asked for, not to be left out.
    return words.length > 0 ? (error.data === true ? words.toReversed() : words).slice(0, 4).map((word) => changeTo(word, path, file)) : [changeType(error.data, path, part, file)];
  },
  pattern: ({ error, path }, _part, file) => [...secretFixes(error.data, path, file), slipFix(error.data, path, file), ...withUnits(error.data, path, file)],
};

const changeTo = (value: unknown, path: Path, { edits }: ParsedFile): Fix | undefined =>
  fixBy(`Change to ${writeValue(value)}`, edits.replaceValue(path, writeValue(value)));

const changeType = (data: unknown, path: Path, { type }: Schema, file: ParsedFile): Fix | undefined => {
  const types = [type ?? []].flat();
  const written = file.written(path);
  if (written === undefined || isSecret(path)) return undefined;
  if (types.includes("string") && (typeof data === "number" || typeof data === "boolean")) return fixBy("Put it in quotes", file.edits.replaceValue(path, `"${written}"`));
  if (typeof data !== "string") return undefined;
  if ((types.includes("integer") || types.includes("number")) && /^\d+$/.test(data)) return fixBy("Remove the quotes", file.edits.replaceValue(path, data));
  const word = types.includes("boolean") ? yamlWords.get(data.toLowerCase()) : undefined;
  return word === undefined ? undefined : changeTo(word, path, file);
};

const slipFix = (data: unknown, path: Path, { edits }: ParsedFile): Fix | undefined => {
  const name = path.findLast((step) => typeof step === "string");
  const value = typeof data === "string" && name !== undefined ? valueSlips.get(name)?.(data)?.value : undefined;
  return value === undefined ? undefined : fixBy(`Change to ${value.length > 60 ? `${value.slice(0, 60)}…` : value}`, edits.replaceValue(path, value));
};

/** A length of time or a size that is almost one. */
const withUnits = (data: unknown, path: Path, file: ParsedFile): readonly (Fix | undefined)[] => {
  const definition = definitionAt(path) ?? {};
  const kind = (["duration", "size"] as const).find((name) => isA(name, definition));
  return kind === undefined ? [] : repairUnit(data, kind).map((value) => changeTo(value, path, file));
};

/** A secret that stands in the file: its hash may, where it is only compared; elsewhere and here too, a reference. */
const secretFixes = (data: unknown, path: Path, { edits }: ParsedFile): readonly (Fix | undefined)[] => {
  const [section, owner] = path;
  // What looks like a reference is one that is misspelt.
  if (typeof data !== "string" || typeof owner !== "string" || !isSecret(path) || /[${}\s]/.test(data) || data === "") return [];
  const name = owner.replaceAll(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "key";
  const reference = edits.replaceValue(path, `"\${secret:${name}}"`);
  const toSecret: Fix | undefined = reference && { title: "Move it into a secret of this editor", edits: [reference], keeps: { path, name } };
  if (section !== "keys") return [toSecret];
  const [property, value] = [edits.replaceName(path, "hash"), edits.replaceValue(path, `sha256:${sha256(data)}`)];
  return [toSecret, property && value && { title: "Keep only its hash here", edits: [property, value] }];
};

type TopLevel = Readonly<Record<string, unknown>>;

/** `port: 8080` at the top of a file, which other tools have there. */
const moveToListener = (name: string, data: TopLevel, { edits, written }: ParsedFile): Fix | undefined => {
  const property = spellings(name).find((other) => placesOf(other).includes("listeners.<name>"));
  const value = written([name]);
  const removal = edits.remove([name]);
  const names = Object.keys(data["listeners"] ?? {});
  if (property === undefined || value === undefined || value === "" || removal === undefined || names.length > 1) return undefined;
  const target = ["listeners", names[0] ?? "local", property];
  const insertion = edits.insert(target, typeof data[name] === "string" ? writeValue(data[name]) : value);
  return insertion && { title: `Move it to ${target.join(".")}`, edits: [removal, insertion] };
};
