import type * as vscode from "vscode";
import type { Range } from "../config/positions.ts";

/** A range as the editor has it, which counts from 0. */
export const toEditorRange = ({ start, end }: Range, { Range: EditorRange }: Pick<typeof vscode, "Range">): vscode.Range =>
  new EditorRange(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
