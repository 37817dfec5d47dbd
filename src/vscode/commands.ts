import { writeFile } from "node:fs/promises";
import type * as vscode from "vscode";
import { template } from "../config/template.ts";
import type { FolderConsent } from "./folder-consent.ts";
import { fileName, type Folder, type Folders } from "./folders.ts";
import type { SettingsProxy } from "./settings-proxy.ts";
import { renderStatus } from "./status-text.ts";

export interface CommandsOptions {
  readonly folders: Folders;
  readonly settings: SettingsProxy;
  readonly consent: Pick<FolderConsent, "askAgain">;
  readonly showLog: () => void;
}

/** The commands that package.json contributes. None waits for a message of its own to be answered. */
export const registerCommands = (editor: typeof vscode, { folders, settings, consent, showLog }: CommandsOptions): vscode.Disposable => {
  const { commands, workspace } = editor;
  /** Runs `work` for every folder that has a file or, where none has, for all, and for what the settings declare instead. */
  const forAll = async (work: (proxy: Pick<SettingsProxy, "start" | "restart">) => Promise<void>): Promise<void> => {
    if (!workspace.isTrusted) return void offerTrust(editor);
    // Whoever starts it by hand wants the question that they left unanswered.
    consent.askAgain();
    const withFile = folders.list().filter(({ proxy }) => proxy.status().hasFile);
    const chosen = withFile.length > 0 ? withFile : folders.list();
    for (const { proxy } of chosen) await work(proxy);
    if (settings.isInForce()) await work(settings);
    for (const folder of chosen) if (isWaitingForFile(folder)) void offerFile(editor, folder);
  };
  const actions: Readonly<Record<string, () => unknown>> = {
    start: () => forAll((proxy) => proxy.start()),
    stop: () => Promise.all([...folders.list().map(({ proxy }) => proxy.stop()), settings.stop()]),
    restart: () => forAll((proxy) => proxy.restart()),
    showStatus: () => void showStatus(editor, folders, showLog),
  };
  return editor.Disposable.from(...Object.entries(actions).map(([name, run]) => commands.registerCommand(`llmProxy.${name}`, run)));
};

const isWaitingForFile = ({ proxy }: Folder): boolean => {
  const { state, hasFile } = proxy.status();
  return state === "waiting" && !hasFile;
};

const offerTrust = async ({ commands, window }: typeof vscode): Promise<void> => {
  const manage = "Manage Workspace Trust";
  const choice = await window.showWarningMessage("LLM Proxy starts nothing in a folder that you do not trust: its .llmproxy.yaml may be anybody's.", manage);
  if (choice === manage) await commands.executeCommand("workbench.trust.manage");
};

/** Never writes over a file that is there: one may have come while the message stood. */
const offerFile = async ({ window, commands }: typeof vscode, { folder, file }: Folder): Promise<void> => {
  const create = "Create It";
  const choice = await window.showInformationMessage(`Without a ${fileName} in ${folder.name}, LLM Proxy serves what its settings say.`, create);
  if (choice !== create) return;
  await writeFile(file.fsPath, template, { flag: "wx" }).catch(() => {});
  await commands.executeCommand("vscode.open", file);
};

interface Action extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

/** What runs where, and what can be done about it. */
const showStatus = async (editor: typeof vscode, folders: Folders, showLog: () => void): Promise<void> => {
  const { commands, env, window, workspace, QuickPickItemKind } = editor;
  const statuses = folders.statuses();
  const { lines } = renderStatus(statuses, workspace.isTrusted);
  const isRunning = statuses.some(({ proxy }) => proxy !== undefined);
  const items: readonly Action[] = [
    ...lines.map((line): Action => ({ label: line, run: () => copyAddress(line, env) })),
    { label: "", kind: QuickPickItemKind.Separator },
    ...(isRunning ? [command("$(debug-stop) Stop", "stop"), command("$(debug-restart) Restart", "restart")] : [command("$(play) Start", "start")]),
    ...folders.list().filter(({ proxy }) => proxy.status().hasFile).map(({ folder, file }): Action => ({
      label: `$(file) Open ${fileName}`, description: folder.name, run: () => commands.executeCommand("vscode.open", file),
    })),
    { label: "$(output) Show Log", run: showLog },
  ];
  function command(label: string, name: string): Action {
    return { label, run: () => commands.executeCommand(`llmProxy.${name}`) };
  }
  const chosen = await window.showQuickPick(items, { title: "LLM Proxy", placeHolder: "An address is copied" });
  await chosen?.run?.();
};

const copyAddress = (line: string, env: typeof vscode.env): Thenable<void> | undefined => {
  const address = /https?:\/\/\S+/.exec(line)?.[0];
  return address === undefined ? undefined : env.clipboard.writeText(address);
};
