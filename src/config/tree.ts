import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Range } from "./positions.ts";
import { quoted, type Problem } from "./problem.ts";

/** A value of the file as plain data, and where it and what is inside it stand. What an alias repeats is shared. */
export interface Tree {
  /** Objects have no prototype, so that `__proto__` is a name like any other. */
  readonly data: unknown;
  readonly range: Range;
  /** A scalar as it was written, without quotes: `4.10` where `data` is 4.1. */
  readonly written?: string;
  readonly entries?: ReadonlyMap<string, Entry>;
  readonly items?: readonly Tree[];
  /** A mapping or list in { … } or [ … ]. */
  readonly isFlow?: true;
  /** How many values this stands for once every alias is followed. */
  readonly size: number;
}

export interface Entry {
  readonly keyRange: Range;
  readonly value: Tree;
}

export type TreeFinding = Pick<Problem, "message" | "hint" | "range" | "fixes">;

/** A few times what the largest sensible file holds; an alias bomb holds billions. */
const maxSize = 50_000;
const maxDepth = 50;

/**
 * Follows aliases and `<<` merges of one document, and reads names as they are written.
 * Finds what YAML allows and a configuration does not: names twice, names that are no text, endless aliases.
 */
export const createTree = (root: ParsedNode, rangeOf: (start: number, end: number) => Range): { readonly tree: Tree; readonly findings: readonly TreeFinding[] } => {
  const anchors = new Map<string, Tree>();
  const openAnchors = new Set<string>();
  const findings: TreeFinding[] = [];
  let total = 0;

  const rangeOfNode = (node: { readonly range?: readonly [number, number, number] | null }): Range => rangeOf(node.range?.[0] ?? 0, node.range?.[1] ?? 0);
  const find = (message: string, hint: string, range: Range): void => void findings.push({ message, hint, range });

  /** Adds to what the file stands for; false once it is too much, which is said once. */
  const grow = (by: number, range: Range): boolean => {
    const wasTooMuch = total > maxSize;
    total += by;
    if (total > maxSize && !wasTooMuch) find("The aliases up to here stand for more values than a configuration can hold.", "Repeat less, or write out what is meant.", range);
    return total <= maxSize;
  };

  const visit = (node: ParsedNode, depth: number): Tree => {
    const range = rangeOfNode(node);
    if (depth > maxDepth) {
      find("This is nested too deeply.", "No part of a configuration is more than a few levels deep.", range);
      return empty(range);
    }
    if (isAlias(node)) return follow(node.source, range);
    if (!grow(1, range)) return empty(range);
    const anchor = node.anchor;
    if (anchor !== undefined) openAnchors.add(anchor);
    const tree = isMap(node) ? visitMap(node, depth) : isSeq(node) ? visitSeq(node, depth) : visitScalar(node);
    if (anchor !== undefined) {
      anchors.set(anchor, tree);
      openAnchors.delete(anchor);
    }
    return tree;
  };

  const follow = (name: string, range: Range): Tree => {
    const target = anchors.get(name);
    if (openAnchors.has(name)) find("This alias stands for what it is in.", "Remove it, or give the anchor to something else.", range);
    else if (target === undefined) find("No anchor of this name stands before this alias.", "Write the anchor first, or put the text in quotes if no alias is meant.", range);
    else if (grow(target.size, range)) return standIn(target, range);
    return empty(range);
  };

  const visitScalar = (node: Scalar.Parsed): Tree => {
    const range = rangeOfNode(node);
    const isPlain = node.value === null || ["string", "number", "boolean"].includes(typeof node.value);
    if (!isPlain) find("A value of this type has no place here.", "Remove the tag: text, numbers, true and false need none.", range);
    return { data: isPlain ? node.value : null, range, size: 1, written: node.source };
  };

  const visitSeq = (node: YAMLSeq.Parsed, depth: number): Tree => {
    const items = node.items.map((item) => visit(item, depth + 1));
    return { data: items.map((item) => item.data), items, range: rangeOfNode(node), size: sizeOf(items), ...flowOf(node) };
  };

  const visitMap = (node: YAMLMap.Parsed, depth: number): Tree => {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const { key, value } of node.items) {
      const keyRange = rangeOfNode(key ?? {});
      const tree = value === null ? empty(keyRange) : visit(value, depth + 1);
      const name = isScalar(key) ? key.source : undefined;
      const first = name === undefined ? undefined : entries.get(name);
      if (name === undefined) find("This name is not plain text.", "Write one word, or text in quotes, before the colon.", keyRange);
      else if (name === "<<" && isScalar(key) && key.type === "PLAIN") merged.push(tree);
      else if (first !== undefined) find(`${quoted(name)} stands here twice.`, `Keep one of them: the first is in line ${first.keyRange.start.line}.`, keyRange);
      else entries.set(name, { keyRange, value: tree });
    }
    for (const source of merged.flatMap(mergeSources)) mergeInto(entries, source);
    const data = Object.assign(Object.create(null), Object.fromEntries([...entries].map(([name, { value }]) => [name, value.data]))) as object;
    return { data, entries, range: rangeOfNode(node), size: sizeOf([...entries.values()].map(({ value }) => value)), ...flowOf(node) };
  };

  /** `<<: *a` and `<<: [*a, *b]`. */
  const mergeSources = (tree: Tree): readonly Tree[] => {
    const sources = tree.items ?? [tree];
    for (const source of sources) {
      if (source.entries === undefined) find("<< merges mappings, and this is none.", "Write the alias of a mapping, or a list of such aliases.", source.range);
    }
    return sources;
  };

  /** What stands in the mapping itself wins, then the source that is named first. @see yaml.org/type/merge.html */
  const mergeInto = (entries: Map<string, Entry>, source: Tree): void => {
    for (const [name, entry] of source.entries ?? []) {
      if (!grow(1, source.range)) return;
      if (!entries.has(name)) entries.set(name, entry);
    }
  };

  return { tree: visit(root, 0), findings };
};

/** What an alias stands for, where the alias stands: its brackets, if it has any, are elsewhere. */
const standIn = (target: Tree, range: Range): Tree => {
  const { isFlow: _brackets, ...others } = target;
  return { ...others, range };
};

const flowOf = ({ flow }: YAMLMap.Parsed | YAMLSeq.Parsed): { readonly isFlow?: true } => (flow === true ? { isFlow: true } : {});

const empty = (range: Range): Tree => ({ data: null, range, size: 1 });

const sizeOf = (trees: readonly Tree[]): number => trees.reduce((sum, tree) => sum + tree.size, 1);
