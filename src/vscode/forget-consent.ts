import type * as vscode from "vscode";
import type { FolderConsent } from "./folder-consent.ts";
import type { Folders } from "./folders.ts";

export interface ForgetConsentOptions {
  readonly folders: Pick<Folders, "list">;
  readonly consent: FolderConsent;
}

/** Takes back what was allowed to the folders of this window: what runs of them stops, and is asked about like new. */
export const registerForgetConsent = ({ commands, window }: typeof vscode, { folders, consent }: ForgetConsentOptions): vscode.Disposable =>
  commands.registerCommand("llmProxy.forgetConsent", async () => {
    consent.askAgain();
    const forgotten: string[] = [];
    for (const { folder, file, proxy } of folders.list()) {
      if (!await consent.forget(file.fsPath)) continue;
      forgotten.push(folder.name);
      if (proxy.status().state !== "stopped") await proxy.restart();
    }
    void window.showInformationMessage(forgotten.length === 0 ? "LLM Proxy has no consent of yours to forget in this window." : `LLM Proxy has forgotten what you allowed in ${forgotten.join(", ")}.`);
  });
