import type * as vscode from "vscode";
import type { Edit } from "../../config/fix.ts";
import { toEditorRange } from "../editor-ranges.ts";

/** Edits of one file as the editor makes them, which is all at once. */
export const toWorkspaceEdit = (file: vscode.Uri, edits: readonly Edit[], editor: Pick<typeof vscode, "WorkspaceEdit" | "Range">): vscode.WorkspaceEdit => {
  const edit = new editor.WorkspaceEdit();
  for (const { range, text } of edits) edit.replace(file, toEditorRange(range, editor), text);
  return edit;
};
