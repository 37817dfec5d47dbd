import { parseDocument } from "yaml";
import { createEdits, type Edits } from "./edits.ts";
import { createPositions } from "./positions.ts";
import { readSource } from "./source-text.ts";
import { createTree, type Tree } from "./tree.ts";

/** A file that is being written: as much of it as can be made out, whatever is wrong with the rest. */
export interface Draft {
  readonly text: string;
  readonly root: Tree;
  readonly edits: Edits;
}

/** Reads what an editor shows. Nothing where there is nothing yet, and where no configuration could be as large. */
export const readDraft = (text: string): Draft | undefined => {
  if (!("text" in readSource(text))) return undefined;
  const { contents } = parseDocument(text, { version: "1.2", schema: "core", prettyErrors: false, uniqueKeys: false, logLevel: "silent" });
  if (contents === null) return undefined;
  const { tree } = createTree(contents, createPositions(text));
  return { text, root: tree, edits: createEdits(text, tree) };
};
