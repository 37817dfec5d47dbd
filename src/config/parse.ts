import { parseDocument, type Document, type YAMLError } from "yaml";
import { createEdits, type Edits } from "./edits.ts";
import { createPositions, fileStart, type Range } from "./positions.ts";
import type { Path, Problem } from "./problem.ts";
import { syntaxWords } from "./syntax-words.ts";
import { createTree, type Tree, type TreeFinding } from "./tree.ts";

/** The data of a file, and where each of them stands in its text. */
export interface ParsedFile {
  /** Strings, numbers, booleans, null, arrays, and objects without a prototype. */
  readonly data: unknown;
  /** Where the name of what is at `path` stands; for an item of a list, the item. */
  keyRange(path: Path): Range;
  /** Where what is at `path` stands; of a mapping, its first name. For what is not there, the nearest that is. */
  valueRange(path: Path): Range;
  /** A scalar as it was written, without quotes; absent for anything else. */
  written(path: Path): string | undefined;
  readonly edits: Edits;
}

export type Parsed =
  | { readonly file: ParsedFile }
  /** At least one; all are errors. */
  | { readonly problems: readonly Problem[] }
  /** Nothing but comments. */
  | { readonly isEmpty: true };

/** Reads YAML 1.2 with `<<` merges. @param text as `readSource` gives it: small and without control characters */
export const parse = (text: string): Parsed => {
  const rangeAt = createPositions(text);
  const document = parseDocument(text, { version: "1.2", schema: "core", strict: true, prettyErrors: false, uniqueKeys: false, logLevel: "error" });
  const problem = findDirective(document, text, rangeAt) ?? firstFinding(document, text, rangeAt);
  if (problem !== undefined) return { problems: [problem] };
  const root = document.contents;
  if (root === null || (root.range[0] === root.range[1] && root.tag === undefined)) return { isEmpty: true };
  const { tree, findings } = createTree(root, rangeAt);
  if (findings.length > 0) return { problems: findings.map(toProblem) };
  return { file: createParsedFile(tree, text) };
};

/** Only the first: a parser that lost its way finds more at every word that follows. */
const firstFinding = (document: Document.Parsed, text: string, rangeAt: (start: number, end: number) => Range): Problem | undefined => {
  const findings: readonly YAMLError[] = document.errors.length > 0 ? document.errors : document.warnings;
  const [first] = findings.toSorted((a, b) => a.pos[0] - b.pos[0]);
  return first && toProblem({ ...syntaxWords(first, text, rangeAt), range: rangeAt(...first.pos) });
};

/** Under `%YAML 1.1` the same text means other data (`no` is false, `0777` is octal), in an editor too. */
const findDirective = (document: Document.Parsed, text: string, rangeAt: (start: number, end: number) => Range): Problem | undefined => {
  const directive = /^%YAML[^\r\n]*/m.exec(text);
  if (directive === null || document.directives.yaml.explicit !== true || document.directives.yaml.version === "1.2") return undefined;
  return toProblem({
    message: "The file is read as YAML 1.2, not as the version that this line asks for.",
    hint: "Remove the line.",
    range: rangeAt(directive.index, directive.index + directive[0].length),
    fixes: [{ title: "Remove the line", edits: [{ range: rangeAt(directive.index, directive.index + directive[0].length), text: "" }] }],
  });
};

const toProblem = (finding: TreeFinding): Problem => ({ severity: "error", path: [], ...finding });

const createParsedFile = (root: Tree, text: string): ParsedFile => {
  let edits: Edits | undefined;
  const walk = (path: Path): { readonly found: Tree; readonly keyRange: Range } => {
    let found = root;
    let keyRange = fileStart;
    for (const step of path) {
      const entry = found.entries?.get(String(step));
      const next = typeof step === "number" ? found.items?.[step] : entry?.value;
      if (next === undefined) break;
      keyRange = entry?.keyRange ?? shownRange(next);
      found = next;
    }
    return { found, keyRange };
  };
  return {
    data: root.data,
    keyRange: (path) => walk(path).keyRange,
    valueRange: (path) => shownRange(walk(path).found),
    written: (path) => walk(path).found.written,
    // Only a file with a problem needs them.
    get edits() {
      return (edits ??= createEdits(text, root));
    },
  };
};

/** A mapping is shown by its first name rather than by all of its lines. */
const shownRange = (tree: Tree): Range => tree.entries?.values().next().value?.keyRange ?? tree.range;
