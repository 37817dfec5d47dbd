import { readDraft } from "../../config/draft.ts";
import type { Edit } from "../../config/fix.ts";
import { createPositions, isWithin, type Range } from "../../config/positions.ts";
import type { Path } from "../../config/problem.ts";
import { definitionOf } from "../../config/schema.ts";
import type { Tree } from "../../config/tree.ts";
import { writeValue } from "../../config/write-value.ts";
import { placesIn } from "./places.ts";
import { declaredAt, roleAt, sectionOf, type NameKind, type Role } from "./roles.ts";

/** A name of the file, where it is declared or used. */
export interface NameUse {
  readonly kind: NameKind;
  readonly name: string;
  /** With its quotes. */
  readonly range: Range;
  readonly path: Path;
  readonly isDeclaration: boolean;
}

/** Every use of a name that the file declares or should, each place once whatever aliases repeat it. */
export const namesIn = (root: Tree): readonly NameUse[] => {
  const uses = new Map<string, NameUse>();
  for (const { path, keyRange, value } of placesIn(root)) {
    const declared = declaredAt(path);
    if (declared !== undefined && keyRange !== undefined) take({ kind: declared, name: String(path[1]), range: keyRange, path, isDeclaration: true });
    const role = roleAt(path);
    if (isNameKind(role) && typeof value.data === "string") take({ kind: role, name: value.data, range: value.range, path, isDeclaration: false });
  }
  function take(use: NameUse): void {
    const key = `${use.kind} ${JSON.stringify(use.range)}`;
    if (!uses.has(key)) uses.set(key, use);
  }
  return [...uses.values()];
};

const isNameKind = (role: Role | undefined): role is NameKind => role !== undefined && role in sectionOf;

/** The name that stands at an offset of a text, with all its uses; nothing elsewhere. */
export const nameAt = (text: string, offset: number): { readonly use: NameUse; readonly uses: readonly NameUse[] } | undefined => {
  const draft = readDraft(text);
  if (draft === undefined) return undefined;
  const place = createPositions(text)(offset).start;
  const all = namesIn(draft.root);
  const use = all.find(({ range }) => isWithin(place, range));
  return use && { use, uses: all.filter(({ kind, name }) => kind === use.kind && name === use.name) };
};

/** Where what stands at an offset is declared: under its own name or, for an alias, under the one with a `*` that serves it. */
export const declarationAt = (text: string, offset: number): NameUse | undefined => {
  const draft = readDraft(text);
  const found = nameAt(text, offset);
  if (draft === undefined || found === undefined) return undefined;
  const { kind, name } = found.use;
  const declared = namesIn(draft.root).filter((use) => use.isDeclaration && use.kind === kind);
  return declared.find((use) => use.name === name) ?? (kind === "alias" ? widestFirst(declared).findLast((use) => serves(use.name, name)) : undefined);
};

/** The longest text beside the `*` wins, as in requests. */
const widestFirst = (uses: readonly NameUse[]): readonly NameUse[] => uses.toSorted((a, b) => a.name.length - b.name.length);

const serves = (pattern: string, name: string): boolean => {
  const [start = "", end] = pattern.split("*");
  return end !== undefined && name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end);
};

/** The edits that give the name at an offset another one everywhere, or a sentence on why it cannot have that. */
export const renameAt = (text: string, offset: number, newName: string): { readonly edits: readonly Edit[] } | { readonly refusal: string } => {
  const found = nameAt(text, offset);
  const draft = readDraft(text);
  if (draft === undefined || found === undefined) return { refusal: "Only names of aliases, keys, listeners and upstreams can be changed everywhere." };
  const { use: { kind, name }, uses } = found;
  const { pattern = "", patternErrorMessage = "", maxLength = Infinity } = definitionOf({ $ref: `#/definitions/${kind === "alias" ? "aliasName" : "name"}` });
  if (newName === "" || newName.length > maxLength || !new RegExp(pattern, "u").test(newName)) return { refusal: patternErrorMessage };
  const isTaken = newName !== name && namesIn(draft.root).some((use) => use.isDeclaration && use.kind === kind && use.name === newName);
  if (isTaken) return { refusal: `There is ${kind === "alias" || kind === "upstream" ? "an" : "a"} ${kind} named ${newName} already.` };
  return { edits: uses.map(({ range }) => ({ range, text: writeValue(newName) })) };
};
