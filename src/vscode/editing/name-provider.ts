import type * as vscode from "vscode";
import { toEditorRange } from "../editor-ranges.ts";
import { declarationAt, nameAt, renameAt } from "./names.ts";
import { toWorkspaceEdit } from "./workspace-edit.ts";

/** Names of aliases, keys, listeners and upstreams: where they are declared and used, and another name for all of them. */
export const createNameProvider = (editor: typeof vscode): vscode.DefinitionProvider & vscode.ReferenceProvider & vscode.RenameProvider => ({
  provideDefinition(document, position) {
    const found = declarationAt(document.getText(), document.offsetAt(position));
    return found && new editor.Location(document.uri, toEditorRange(found.range, editor));
  },
  provideReferences(document, position, { includeDeclaration }) {
    const uses = nameAt(document.getText(), document.offsetAt(position))?.uses ?? [];
    return uses.filter(({ isDeclaration }) => includeDeclaration || !isDeclaration).map(({ range }) => new editor.Location(document.uri, toEditorRange(range, editor)));
  },
  prepareRename(document, position) {
    const found = nameAt(document.getText(), document.offsetAt(position));
    if (found === undefined) throw new Error(editor.l10n.t("Only names of aliases, keys, listeners and upstreams can be changed everywhere."));
    return { range: toEditorRange(found.use.range, editor), placeholder: found.use.name };
  },
  provideRenameEdits(document, position, newName) {
    const renamed = renameAt(document.getText(), document.offsetAt(position), newName);
    if ("refusal" in renamed) throw new Error(renamed.refusal);
    return toWorkspaceEdit(document.uri, renamed.edits, editor);
  },
});
