import { posix } from "node:path";
import { readImports } from "./imports.ts";
import type { Import } from "./imports.ts";
import { allowedTypes, fileRules, forEveryone, homes, layers } from "./rules.ts";
import type { Layer } from "./rules.ts";

/** The folder or file of src/, or the file beside src/, that a path below src/ leads to. */
const partOf = (path: string): string => path.replace(/^\.\.\//, "").split("/")[0] ?? path;

const listed = (parts: readonly string[]): string => (parts.length === 0 ? "nothing else" : parts.join(", "));

/** Why one file of ours may not import another, if so. */
const checkOwn = (layer: Layer, from: string, to: string, isTypeOnly: boolean): string | undefined => {
  const rule = fileRules.find(({ forbids }) => forbids(from, to));
  if (rule !== undefined) return `${rule.because}.`;
  const part = partOf(to);
  if (part === layer.part || forEveryone.includes(part) || layer.uses.includes(part)) return undefined;
  if (isTypeOnly && (layer.knows.includes(part) || allowedTypes.some((allows) => allows(from, to)))) return undefined;
  const types = layer.knows.length === 0 ? "" : `, and types of ${listed(layer.knows)}`;
  return `${layer.because}. ${layer.part} may import ${listed(layer.uses)}${types}.`;
};

const checkBuiltin = ({ never = [], because }: Layer, specifier: string): string | undefined =>
  never.some((name) => name === specifier || (name === "node:" && specifier.startsWith(name)))
    ? `${because}.`
    : undefined;

/** Why a package may not be imported from a file, if so. Types count too: a package's types are its home's words. */
const checkPackage = (from: string, specifier: string): string | undefined => {
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const home = homes[name];
  if (home === undefined) return `${name} has no home yet. Give it one, with a reason, in test/architecture/rules.ts.`;
  const isAtHome = home.in.some((place) => from === place || from.startsWith(`${place}/`));
  return isAtHome ? undefined : `${name} is at home in ${home.in.join(" and ")}: ${home.because}.`;
};

const checkImport = (layer: Layer, from: string, { specifier, isTypeOnly }: Import): string | undefined => {
  if (specifier.startsWith(".")) return checkOwn(layer, from, posix.join(posix.dirname(from), specifier), isTypeOnly);
  return specifier.startsWith("node:") ? checkBuiltin(layer, specifier) : checkPackage(from, specifier);
};

/**
 * Every import that breaks a rule of `rules.ts`, as a line for people: where it is, what it imports, and why that is not wanted.
 * @param files the text of each file by its path below src/, with forward slashes
 */
export const checkImports = (files: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(files).flatMap(([path, source]) => {
    const layer = layers.find(({ part }) => part === partOf(path));
    if (layer === undefined) {
      return [
        `src/${path}: "${partOf(path)}" has no place yet. Say in test/architecture/rules.ts whom it may import, and why.`,
      ];
    }
    return readImports(source).flatMap((imported) => {
      const reason = checkImport(layer, path, imported);
      const kind = imported.isTypeOnly ? "the types of " : "";
      return reason === undefined
        ? []
        : [`src/${path}:${imported.line} imports ${kind}${imported.specifier}, but ${reason}`];
    });
  });
