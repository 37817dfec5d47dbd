import type * as vscode from "vscode";
import type { Fix } from "../../config/fix.ts";
import type { Problem } from "../../config/problem.ts";
import { toEditorRange } from "../editor-ranges.ts";
import { isReadName } from "./documents.ts";
import { moveSecretCommand } from "./secrets.ts";
import { toWorkspaceEdit } from "./workspace-edit.ts";

export interface FixProviderOptions {
  readonly editor: typeof vscode;
  /** What is wrong with a text. */
  readonly check: (text: string) => Promise<readonly Problem[]>;
  /** What the proxy of a file says is wrong with it as it was saved. */
  readonly reported: (file: vscode.Uri) => readonly Problem[];
}

/** The changes that do away with the problems at the cursor. */
export const createFixProvider = ({ editor, check, reported }: FixProviderOptions): vscode.CodeActionProvider => {
  // The editor asks at each move of the cursor.
  let last: { readonly text: string; readonly problems: Promise<readonly Problem[]> } | undefined;
  const checked = (text: string): Promise<readonly Problem[]> => {
    if (last?.text !== text) last = { text, problems: check(text) };
    return last.problems;
  };
  const provideCodeActions: vscode.CodeActionProvider["provideCodeActions"] = async (document, range, context) => {
    const found = await checked(document.getText());
    // A taken port only the proxy knows of, and it read what was saved.
    const others = document.isDirty ? [] : reported(document.uri).filter((problem) => found.every(({ message }) => message !== problem.message));
    const here = [...found, ...others].filter((problem) => toEditorRange(problem.range, editor).intersection(range) !== undefined);
    return [...renameActions(document, editor), ...here.flatMap((problem) => actionsFor(problem, document, context, editor))];
  };
  return { provideCodeActions };
};

const actionsFor = ({ range, message, fixes = [] }: Problem, { uri }: vscode.TextDocument, { diagnostics }: vscode.CodeActionContext, editor: typeof vscode): readonly vscode.CodeAction[] => {
  const shown = diagnostics.filter((diagnostic) => diagnostic.source === "LLM Proxy" && diagnostic.message.startsWith(message) && diagnostic.range.isEqual(toEditorRange(range, editor)));
  return fixes.map((fix, index) => {
    const action = new editor.CodeAction(fix.title, editor.CodeActionKind.QuickFix);
    action.diagnostics = shown;
    action.isPreferred = index === 0;
    return Object.assign(action, workOf(fix, uri, editor));
  });
};

const workOf = ({ title, edits, keeps }: Fix, file: vscode.Uri, editor: typeof vscode): Pick<vscode.CodeAction, "edit" | "command"> =>
  (keeps === undefined ? { edit: toWorkspaceEdit(file, edits, editor) } : { command: { command: moveSecretCommand, title, arguments: [file, keeps.path] } });

/** For a file whose name is almost right. */
const renameActions = ({ uri }: vscode.TextDocument, editor: typeof vscode): readonly vscode.CodeAction[] => {
  if (isReadName(uri)) return [];
  const action = new editor.CodeAction(editor.l10n.t("Rename to {0}", ".llmproxy.yaml"), editor.CodeActionKind.QuickFix);
  action.edit = new editor.WorkspaceEdit();
  action.edit.renameFile(uri, editor.Uri.joinPath(uri, "..", ".llmproxy.yaml"));
  return [action];
};
