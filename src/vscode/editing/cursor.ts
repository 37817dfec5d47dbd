import { readDraft } from "../../config/draft.ts";
import type { Path } from "../../config/problem.ts";
import { definitionAt } from "../../config/schema.ts";
import type { Tree } from "../../config/tree.ts";
import { placesIn } from "./places.ts";

/** What is being written at one place of a file. */
export interface Cursor {
  /** Of the mapping or the list that it is in, down to the value; a name that is being written is not part of it. */
  readonly path: Path;
  /** `either`: a line of its own, which may become a name and what follows or a value alone. */
  readonly kind: "name" | "value" | "either";
  /** Offsets of the word around the cursor, quotes included. */
  readonly start: number;
  readonly end: number;
  /** The quote that the word begins with, or nothing. */
  readonly quote: string;
  /** The names beside the one that is being written, or the other texts of the list. */
  readonly siblings: readonly string[];
  /** Whether a colon follows, so that the rest of the line is there. */
  readonly hasColon: boolean;
  readonly isInFlow: boolean;
  /** How far the word stands behind the first character of its line: behind dashes. */
  readonly indent: number;
  /** The file around the word. */
  readonly root: Tree;
}

/** Stands for the word in the text that is parsed: no file holds it. */
const mark = "cursor\uE000";

/** What is being written at an offset of a text, which may be half a file. Nothing in comments and in the middle of texts. */
export const cursorAt = (text: string, offset: number): Cursor | undefined => {
  const word = wordAt(text, offset);
  if (word === undefined) return undefined;
  const asText = find(text, word, mark);
  // On a line of its own it is read as a name: as a text it would be one with the line that follows.
  const isOnOwnLine = /^\s*(?:- +)*$/.test(word.before) && word.after.trim() === "";
  return isOnOwnLine && asText?.isInFlow !== true ? find(text, word, `${mark}:`) : asText;
};

interface Word {
  readonly start: number;
  readonly end: number;
  readonly quote: string;
  /** The rest of its line on either side. */
  readonly before: string;
  readonly after: string;
}

const wordAt = (text: string, offset: number): Word | undefined => {
  const lineStart = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  const lineLength = text.slice(lineStart).search(/[\r\n]/);
  const line = lineLength < 0 ? text.slice(lineStart) : text.slice(lineStart, lineStart + lineLength);
  const column = offset - lineStart;
  const opened = openQuote(line.slice(0, column));
  if (opened === "comment") return undefined;
  const start = opened ?? column - (/(?:\$\{[^{}\s]*|[^\s,[\]{}"']*)$/.exec(line.slice(0, column))?.[0].length ?? 0);
  const quote = opened === undefined ? "" : line.charAt(opened);
  const rest = line.slice(column);
  const closed = quote === "" ? -1 : rest.indexOf(quote);
  const end = column + (closed >= 0 ? closed + 1 : /^(?:(?!:(?:\s|$))[^\s,[\]{}"'])*/.exec(rest)?.[0].length ?? 0);
  return { start: lineStart + start, end: lineStart + end, quote, before: line.slice(0, start), after: line.slice(end) };
};

/** Where the quote that is open at the end of a line's start stands. */
const openQuote = (line: string): number | "comment" | undefined => {
  let opened: number | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (opened !== undefined) {
      if (character === "\\" && line.charAt(opened) === "\"") at += 1;
      else if (character === line.charAt(opened)) opened = undefined;
    } else if (character === "#" && /^(?:|.*\s)$/.test(line.slice(0, at))) return "comment";
    // Elsewhere than at the start of a value it is an apostrophe.
    else if ((character === "\"" || character === "'") && /(?:^|[\s[{,:])$/.test(line.slice(0, at))) opened = at;
  }
  return opened;
};

const find = (text: string, word: Word, replacement: string): Cursor | undefined => {
  const draft = readDraft(`${text.slice(0, word.start)}${replacement}${text.slice(word.end)}`);
  if (draft === undefined) return undefined;
  const { root } = draft;
  const found = [...placesIn(root)].flatMap((place) => holderOf(place.value, place.path) ?? []);
  // What an anchor names is looked at where it is used: there the language knows it.
  const best = found.find(({ path }) => definitionAt(path) !== undefined) ?? found[0];
  if (best === undefined) return undefined;
  const isOnOwnLine = replacement !== mark;
  return {
    path: best.path,
    kind: best.isName ? (isOnOwnLine && best.siblings.length === 0 ? "either" : "name") : "value",
    start: word.start,
    end: word.end,
    quote: word.quote,
    siblings: best.siblings,
    hasColon: /^\s*:(?:\s|$)/.test(word.after),
    // What comes first is where it is written, what comes later where it is used.
    isInFlow: found[0]?.isInFlow === true,
    indent: word.before.length - word.before.search(/\S|$/),
    root,
  };
};

interface Holder extends Pick<Cursor, "path" | "siblings"> {
  readonly isInFlow: boolean;
  readonly isName: boolean;
}

/** The mapping or the list that holds the mark directly; for a value, the value. */
const holderOf = ({ entries, items, isFlow, data }: Tree, path: Path): Holder | undefined => {
  const isInFlow = isFlow === true;
  if (path.length === 0 && data === mark) return { path, isName: false, siblings: [], isInFlow: false };
  if (items !== undefined) {
    const index = items.findIndex((item) => item.data === mark);
    const siblings = items.flatMap((item) => (item.written === undefined || item.data === mark ? [] : [String(item.data)]));
    return index < 0 ? undefined : { path: [...path, index], isName: false, siblings, isInFlow };
  }
  if (entries?.has(mark) === true) return { path, isName: true, siblings: [...entries.keys()].filter((name) => name !== mark), isInFlow };
  const named = [...entries ?? []].find(([, { value }]) => value.data === mark);
  return named && { path: [...path, named[0]], isName: false, siblings: [], isInFlow };
};
