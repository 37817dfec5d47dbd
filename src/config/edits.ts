import type { Edit } from "./fix.ts";
import { comparePositions, isWithin, type Position, type Range } from "./positions.ts";
import type { Path } from "./problem.ts";
import type { Entry, Tree } from "./tree.ts";
import { writeValue } from "./write-value.ts";

/** Changes of a file's text that keep all else of it: comments, order, style and line ends. */
export interface Edits {
  /** Another text for the value at `path`; nothing where none is written, or one of several lines without brackets. */
  replaceValue(path: Path, text: string): Edit | undefined;
  /** Another text for the name at `path`. */
  replaceName(path: Path, text: string): Edit | undefined;
  /**
   * A property with its value, where the file has it not. What is missing on the way there is made too. Nothing where that
   * would need more than adding, such as inside an alias. @param text the value, on one line
   */
  insert(path: Path, text: string): Edit | undefined;
  /** Without the property at `path`, the whole of its line. Nothing where it shares the line or needs several. */
  remove(path: Path): Edit | undefined;
}

export const createEdits = (text: string, root: Tree): Edits => {
  const lines = text.split(/\r\n|\r|\n/);
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";

  const find = (path: Path): Entry | undefined => {
    let found: Entry | undefined = { keyRange: root.range, value: root };
    for (const step of path) found = childOf(found?.value, step);
    return found;
  };

  const endOfLine = (line: number): Position => ({ line, column: (lines[line - 1] ?? "").length + 1 });

  /** On a line of its own below `line`. */
  const addLines = (line: number, indent: number, steps: Path, value: string): Edit =>
    at(endOfLine(line), block(steps, value).map((content) => `${eol}${" ".repeat(indent)}${content}`).join(""));

  const insertIntoBlock = (own: readonly Entry[], steps: Path, value: string): Edit | undefined => {
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const indent = first.keyRange.start.column - 1;
    // A version is looked for at the top.
    if (steps[0] === "version") return at(first.keyRange.start, `${block(steps, value).join(eol)}${eol}${" ".repeat(indent)}`);
    return addLines(lastLineOf(last), indent, steps, value);
  };

  /** Behind all comments: those at the end of a file belong to what stands before them. Nothing where its document ends before the file does. */
  const addSection = (firstLine: number, steps: Path, value: string): Edit | undefined => {
    if (lines.slice(firstLine).some((line) => /^(?:\.\.\.|---)(?:\s|$)/.test(line))) return undefined;
    const lastLine = lines.findLastIndex((line) => line.trim() !== "") + 1;
    const gap = lines.slice(0, lastLine).some((line) => line.trim() === "") ? eol : "";
    const { text: added, range } = addLines(lastLine, 0, steps, value);
    return { range, text: `${gap}${added}` };
  };

  const insertInto = ({ value: tree, keyRange }: Entry, isRoot: boolean, isInFlow: boolean, steps: Path, value: string): Edit | undefined => {
    if (typeof steps[0] === "number") return undefined;
    if (tree.entries === undefined) {
      // A name without a value gets its mapping on the next lines.
      if (tree.data !== null || tree.items !== undefined || isInFlow || (tree.written ?? "") !== "") return undefined;
      return addLines(keyRange.end.line, keyRange.start.column + 1, steps, value);
    }
    const own = ownEntries(tree);
    if (tree.isFlow === true) return insertIntoFlow(tree, own, steps, value);
    const start = own[0]?.keyRange.start;
    const isAtTop = isRoot && start?.column === 1 && steps[0] !== "version";
    return isAtTop ? addSection(start.line, steps, value) : insertIntoBlock(own, steps, value);
  };

  return {
    replaceValue(path, replacement) {
      const found = find(path);
      if (found === undefined || !isOnePiece(found.value)) return undefined;
      // What is not written stands right behind its colon.
      return { range: found.value.range, text: found.value.written === "" ? ` ${replacement}` : replacement };
    },
    replaceName(path, replacement) {
      const found = path.length === 0 ? undefined : find(path);
      return found && { range: found.keyRange, text: replacement };
    },
    insert(path, value) {
      let here: Entry = { keyRange: root.range, value: root };
      let isInFlow = false;
      for (const [depth, step] of path.entries()) {
        isInFlow ||= here.value.isFlow === true;
        const next = childOf(here.value, step);
        if (next === undefined) return insertInto(here, depth === 0, isInFlow, path.slice(depth), value);
        here = next;
      }
      return undefined;
    },
    remove(path) {
      const found = find(path);
      if (found === undefined || path.length === 0) return undefined;
      const { keyRange: { start: { line, column } }, value: { range: { end } } } = found;
      const before = (lines[line - 1] ?? "").slice(0, column - 1);
      const behind = (lines[end.line - 1] ?? "").slice(end.column - 1);
      if (end.line !== line || before.trim() !== "" || !/^\s*(?:#.*)?$/.test(behind)) return undefined;
      const isLast = line === lines.length;
      const range = isLast && line > 1 ? { start: endOfLine(line - 1), end: endOfLine(line) } : { start: { line, column: 1 }, end: isLast ? endOfLine(line) : { line: line + 1, column: 1 } };
      return { range, text: "" };
    },
  };
};

const childOf = (tree: Tree | undefined, step: string | number): Entry | undefined => {
  if (typeof step === "string") return tree?.entries?.get(step);
  const item = tree?.items?.[step];
  return item && { keyRange: item.range, value: item };
};

/** Whether the range of a value is all of its text and nothing else. */
const isOnePiece = ({ entries, items, isFlow, written }: Tree): boolean => isFlow === true || (entries === undefined && items === undefined && written !== undefined);

const at = (position: Position, text: string): Edit => ({ range: { start: position, end: position }, text });

/** What is written in the mapping itself, not merged into it and not behind an alias. */
const ownEntries = ({ entries, range }: Tree): readonly Entry[] => [...entries?.values() ?? []].filter(({ keyRange }) => isWithin(keyRange.start, range) && isWithin(keyRange.end, range));

const insertIntoFlow = ({ range }: Tree, own: readonly Entry[], steps: Path, value: string): Edit | undefined => {
  const added = `${nameOf(steps[0])}: ${flow(steps.slice(1), value)}`;
  const last = own.at(-1);
  if (last !== undefined) return at(endOf(last), `, ${added}`);
  return at({ line: range.start.line, column: range.start.column + 1 }, ` ${added} `);
};

/** `a: { b: value }` for what stands below the first of the steps. */
const flow = (steps: Path, value: string): string => steps.reduceRight<string>((inner, step) => `{ ${nameOf(step)}: ${inner} }`, value);

const block = (steps: Path, value: string): readonly string[] => steps.map((step, depth) => `${"  ".repeat(depth)}${nameOf(step)}:${depth === steps.length - 1 ? ` ${value}` : ""}`);

const nameOf = (step: string | number | undefined): string => writeValue(String(step));

/** Where the last that belongs to an entry ends: the range of a block goes on to what follows it. */
const endOf = ({ keyRange, value }: Entry): Position => {
  const inner = value.items?.at(-1) ?? ownEntries(value).at(-1);
  if (value.isFlow === true || inner === undefined) return later(keyRange.end, value.range.end);
  return endOf("value" in inner ? inner : { keyRange, value: inner });
};

/** A text of several lines ends at the start of the next. */
const lastLineOf = (entry: Entry): number => {
  const { line, column } = endOf(entry);
  return column === 1 && line > entry.keyRange.start.line ? line - 1 : line;
};

const later = (a: Position, b: Position): Position => (comparePositions(a, b) < 0 ? b : a);

/** From an entry's name to the end of the last that belongs to it. */
export const rangeOfEntry = (entry: Entry): Range => ({ start: entry.keyRange.start, end: endOf(entry) });
