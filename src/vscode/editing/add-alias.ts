import type * as vscode from "vscode";
import { toEditorRange } from "../editor-ranges.ts";
import { aliasEdit, aliasesFor, declaredAliases, refuseAlias, type OfferedAlias } from "./aliases.ts";
import { isConfiguration, isReadName } from "./documents.ts";
import { sizeOf } from "./offer.ts";
import type { OfferSource } from "./offer-source.ts";
import { toWorkspaceEdit } from "./workspace-edit.ts";

export interface AddAliasOptions {
  readonly editor: typeof vscode;
  readonly offer: OfferSource;
  /** The files of the window's folders. */
  readonly files: readonly vscode.Uri[];
}

/** Asks for a model and a name, and declares the alias in the file, which is saved where it was. */
export const addAlias = async ({ editor, offer, files }: AddAliasOptions): Promise<void> => {
  const { l10n, window, workspace } = editor;
  const file = await chooseFile(editor, files);
  if (file === undefined) return;
  const document = await workspace.openTextDocument(file);
  const title = l10n.t("LLM Proxy: Add an Alias");
  const alias = await pickModel(editor, title, aliasesFor((await offer()).models, declaredAliases(document.getText())));
  if (alias === undefined) return;
  const name = await window.showInputBox({
    title,
    prompt: l10n.t("What a client writes as its model, for {0}", alias.target),
    value: alias.name,
    validateInput: (text) => refuseAlias(document.getText(), text),
    ignoreFocusOut: true,
  });
  if (name === undefined) return;
  await declare(editor, document, name, alias.target);
};

const declare = async (editor: typeof vscode, document: vscode.TextDocument, name: string, target: string): Promise<void> => {
  const { l10n, window, workspace } = editor;
  const edit = aliasEdit(document.getText(), name, target);
  if (edit === undefined) return void window.showWarningMessage(l10n.t("The aliases of this file are written in a way that cannot be added to: write {0} by hand.", `${name}: ${target}`));
  const wasSaved = !document.isDirty;
  await workspace.applyEdit(toWorkspaceEdit(document.uri, [edit], editor));
  const shown = await window.showTextDocument(document);
  const { end } = toEditorRange(edit.range, editor);
  shown.revealRange(new editor.Range(end, end.translate(2)));
  if (wasSaved) await document.save();
};

/** The file that is being looked at, or one of the window's folders. */
const chooseFile = async ({ l10n, window, workspace, commands }: typeof vscode, files: readonly vscode.Uri[]): Promise<vscode.Uri | undefined> => {
  const shown = window.activeTextEditor?.document.uri;
  if (shown !== undefined && isConfiguration(shown) && isReadName(shown)) return shown;
  if (files.length > 1) {
    const items = files.map((file) => ({ label: workspace.getWorkspaceFolder(file)?.name ?? "", description: workspace.asRelativePath(file), file }));
    return (await window.showQuickPick(items, { placeHolder: l10n.t("Which folder?") }))?.file;
  }
  if (files[0] === undefined) {
    const write = l10n.t("Write One");
    void window.showInformationMessage(l10n.t("There is no .llmproxy.yaml to add an alias to."), write).then((answer) => answer === write && commands.executeCommand("llmProxy.writeFirstFile"));
  }
  return files[0];
};

const pickModel = async ({ l10n, window }: typeof vscode, title: string, aliases: readonly OfferedAlias[]): Promise<OfferedAlias | undefined> => {
  if (aliases.length === 0) return void window.showWarningMessage(l10n.t("VS Code offers no language model here: install an extension that brings some, such as GitHub Copilot Chat, and sign in to it."));
  const items = aliases.map((alias) => ({ label: alias.model.name, description: `${alias.target}, ${sizeOf(alias.model)}`, alias }));
  return (await window.showQuickPick(items, { title, placeHolder: l10n.t("The model that answers"), matchOnDescription: true }))?.alias;
};
