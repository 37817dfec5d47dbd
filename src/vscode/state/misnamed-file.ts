import type * as vscode from "vscode";
import { fileName, type Folders } from "../folders.ts";

const misnamed = ".llmproxy.yml";

export interface MisnamedFileOptions {
  readonly editor: Pick<typeof vscode, "Disposable" | "Uri" | "l10n" | "window" | "workspace">;
  readonly folders: Pick<Folders, "list" | "onDidChange">;
}

/** Whoever wrote `.llmproxy.yml` waits for it to be read: says once for each folder that it is not, and offers its name. */
export const registerMisnamedFile = ({ editor, folders }: MisnamedFileOptions): vscode.Disposable => {
  const { Uri, workspace } = editor;
  const told = new Set<string>();
  const exists = (file: vscode.Uri): Promise<boolean> => Promise.resolve(workspace.fs.stat(file)).then(() => true, () => false);
  const look = async (folder: vscode.WorkspaceFolder): Promise<void> => {
    const [from, to] = [Uri.joinPath(folder.uri, misnamed), Uri.joinPath(folder.uri, fileName)];
    if (!await exists(from) || await exists(to) || told.has(from.toString())) return;
    told.add(from.toString());
    await offerRename(editor, folder, from, to);
  };
  const lookWhereNoFileIs = (): void => {
    for (const { folder, proxy } of folders.list()) if (proxy.status().waitsFor === "file") void look(folder);
  };
  const watcher = workspace.createFileSystemWatcher(`**/${misnamed}`, false, true, true);
  const created = watcher.onDidCreate(lookWhereNoFileIs);
  const changed = folders.onDidChange(lookWhereNoFileIs);
  lookWhereNoFileIs();
  return editor.Disposable.from(watcher, created, changed);
};

const offerRename = async ({ l10n, window, workspace }: MisnamedFileOptions["editor"], folder: vscode.WorkspaceFolder, from: vscode.Uri, to: vscode.Uri): Promise<void> => {
  const rename = l10n.t("Rename It");
  const answer = await window.showInformationMessage(l10n.t("LLM Proxy does not read {0} in {1}: the file is called {2}.", misnamed, folder.name, fileName), rename);
  // Never over a file that came while the message stood.
  if (answer === rename) await workspace.fs.rename(from, to, { overwrite: false });
};
