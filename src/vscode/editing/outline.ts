import { readDraft } from "../../config/draft.ts";
import { rangeOfEntry } from "../../config/edits.ts";
import type { Range } from "../../config/positions.ts";
import type { Entry, Tree } from "../../config/tree.ts";
import { writeValue } from "../../config/write-value.ts";
import { sectionOf, type NameKind } from "./roles.ts";

/** A part of a file as its outline shows it. */
export interface OutlineItem {
  readonly name: string;
  /** What it says, in a few words; never a secret. */
  readonly detail: string;
  readonly kind: "section" | "value" | "route" | NameKind;
  readonly range: Range;
  /** The name alone. */
  readonly nameRange: Range;
  readonly children: readonly OutlineItem[];
}

/** The sections of a file, with the names that each declares and the routes. */
export const outlineOf = (text: string): readonly OutlineItem[] =>
  [...readDraft(text)?.root.entries ?? []].map(([name, entry]) => {
    const children = childrenOf(name, entry.value);
    return item(name, children.length > 0 || entry.value.entries !== undefined ? "" : summaryOf(entry.value), children.length > 0 ? "section" : "value", entry, children);
  });

const item = (name: string, detail: string, kind: OutlineItem["kind"], entry: Entry, children: readonly OutlineItem[] = []): OutlineItem =>
  ({ name: name === "" ? "\"\"" : name, detail, kind, range: rangeOfEntry(entry), nameRange: entry.keyRange, children });

const childrenOf = (section: string, tree: Tree): readonly OutlineItem[] => {
  if (section === "routes") return (tree.items ?? []).map((route) => routeItem(route));
  const kind = (Object.entries(sectionOf) as readonly (readonly [NameKind, string])[]).find(([, name]) => name === section)?.[0];
  if (kind === undefined) return [];
  return [...tree.entries ?? []].map(([name, entry]) => item(name, details[kind](entry.value), kind, entry));
};

const routeItem = (route: Tree): OutlineItem => {
  const [name, path] = [textAt(route, "name"), textAt(route, "path") ?? "/v1"];
  const first = route.entries?.values().next().value;
  return item(name ?? path, name === undefined ? "" : path, "route", { keyRange: first?.keyRange ?? route.range, value: route });
};

const details: Readonly<Record<NameKind, (tree: Tree) => string>> = {
  alias: (tree) => summaryOf(tree),
  listener: (tree) => `${textAt(tree, "host") ?? "127.0.0.1"}:${summaryOf(tree.entries?.get("ports")?.value) || "8080"}`,
  upstream: (tree) => textAt(tree, "baseUrl") ?? "",
  // A literal key may stand there while the file is written.
  key: (tree) => /^\$\{[^{}]*\}$/.exec(textAt(tree, "key") ?? "")?.[0] ?? (tree.entries?.has("hash") === true ? "hash" : ""),
};

const textAt = ({ entries }: Tree, name: string): string | undefined => {
  const data = entries?.get(name)?.value.data;
  return typeof data === "string" ? data : undefined;
};

const summaryOf = (tree: Tree | undefined): string => {
  if (tree?.data === null || tree === undefined) return "";
  const text = typeof tree.data === "string" ? tree.data : writeValue(tree.data);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
