import type * as vscode from "vscode";
import type { Fix } from "../../config/fix.ts";

/** Changes the file and saves it, which deploys it. What somebody has typed and not saved is theirs: then it only shows the file. */
export const applyFix = async (file: vscode.Uri, { edits }: Fix, { Range, WorkspaceEdit, window, workspace }: typeof vscode): Promise<void> => {
  const document = await workspace.openTextDocument(file);
  if (document.isDirty) return void await window.showTextDocument(document);
  const change = new WorkspaceEdit();
  for (const { range: { start, end }, text } of edits) change.replace(file, new Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1), text);
  if (await workspace.applyEdit(change)) await document.save();
};
