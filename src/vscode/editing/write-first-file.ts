import { readFile, writeFile } from "node:fs/promises";
import type * as vscode from "vscode";
import { template } from "../../config/template.ts";
import { fileName } from "../folders.ts";
import { firstFile } from "./aliases.ts";
import type { OfferedModel } from "./offer.ts";
import type { OfferSource } from "./offer-source.ts";
import { findFreePort } from "./free-port.ts";

/** Writes a first file from what the window has, into a folder that has none, and opens it. Never writes over anything. @param given the folder; absent = ask, where there are several */
export const writeFirstFile = async (editor: typeof vscode, offer: OfferSource, given?: vscode.Uri): Promise<void> => {
  const { l10n, window } = editor;
  const folder = given ?? (await chooseFolder(editor))?.uri;
  if (folder === undefined) return;
  const file = editor.Uri.joinPath(folder, fileName);
  const before = await readFile(file.fsPath, "utf8").catch(() => undefined);
  if (before === undefined || before.trim() === "") {
    const models = await waitForModels(editor, offer);
    if (models === undefined) return;
    const text = models.length === 0 ? template : firstFile(models, await findFreePort(8080));
    // With wx: one may have come while we asked.
    const failure = await writeFile(file.fsPath, text, before === undefined ? { flag: "wx" } : {}).catch((error: NodeJS.ErrnoException) => error);
    if (failure !== undefined && failure.code !== "EEXIST") return void window.showErrorMessage(l10n.t("{0} could not be written: {1} Choose a folder that you may write to.", fileName, `${failure.message}.`));
    if (models.length === 0) void window.showWarningMessage(l10n.t("VS Code offers no language model here yet: the file shows how one is written. Install an extension that brings some, such as GitHub Copilot Chat."));
  } else {
    void window.showInformationMessage(l10n.t("{0} is there already, and stays as it is.", fileName));
  }
  await window.showTextDocument(file);
};

const chooseFolder = async ({ l10n, window, workspace, commands }: typeof vscode): Promise<vscode.WorkspaceFolder | undefined> => {
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  if (folders.length > 1) {
    const picked = await window.showQuickPick(folders.map((folder) => ({ label: folder.name, description: folder.uri.fsPath, folder })), { placeHolder: l10n.t("Which folder?") });
    return picked?.folder;
  }
  if (folders[0] === undefined) {
    const open = l10n.t("Open Folder");
    void window.showInformationMessage(l10n.t("The file belongs into a folder: open one first."), open).then((answer) => answer === open && commands.executeCommand("vscode.openFolder"));
  }
  return folders[0];
};

/** Providers need some seconds after the start of a window, and not all of them tell when they are there. Absent where the person cancels. */
const waitForModels = ({ l10n, window, ProgressLocation }: typeof vscode, offer: OfferSource): Thenable<readonly OfferedModel[] | undefined> =>
  window.withProgress({ location: ProgressLocation.Notification, title: l10n.t("Asking VS Code for its models…"), cancellable: true }, async (_, token) => {
    for (let tries = 0; tries < 10 && !token.isCancellationRequested; tries += 1) {
      const { models } = await offer();
      if (models.length > 0) return models;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return token.isCancellationRequested ? undefined : [];
  });
