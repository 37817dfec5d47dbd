import type * as vscode from "vscode";
import { isError } from "../config/problem.ts";
import type { Clock, Log } from "../services.ts";
import { FolderProxy, type FolderStatus } from "./folder-proxy.ts";
import type { Folders } from "./folders.ts";
import type { ServerFactory } from "./server.ts";
import { fileOfSettings, settingAt } from "./settings-file.ts";

/** What the user's settings declare: served in a window in which no folder has a file. */
export interface SettingsProxy extends vscode.Disposable {
  /** Whether the settings count here: no folder has a file, or serves what one said. */
  isInForce(): boolean;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(mostMs?: number): Promise<void>;
  /** Absent while it is stopped. */
  status(): FolderStatus | undefined;
  /** Calls back after each change of `status()`. */
  onDidChange(listener: () => void): vscode.Disposable;
}

export interface SettingsProxyOptions {
  readonly vscode: Pick<typeof vscode, "commands" | "l10n" | "window" | "workspace">;
  readonly folders: Pick<Folders, "statuses" | "onDidChange">;
  readonly clock: Clock;
  readonly log: Log;
  readonly loadServer: () => Promise<Pick<ServerFactory, "createForSettings">>;
}

/** Serves what the settings say once it is started: by hand, or by itself where `llmProxy.autoStart` is set and on. */
export const createSettingsProxy = ({ vscode: editor, folders, clock, log, loadServer }: SettingsProxyOptions): SettingsProxy => {
  const { workspace } = editor;
  const listeners = new Set<() => void>();
  const read = async (): Promise<Uint8Array> => new TextEncoder().encode(fileOfSettings(readSettings(workspace)));
  const proxy = new FolderProxy({
    name: "settings",
    clock,
    log,
    read,
    createServer: async (events) => (await loadServer()).createForSettings(read, events),
    onChange() {
      for (const listener of listeners) listener();
    },
  });
  listeners.add(tellOnce(editor, () => proxy.status()));
  const status = (): FolderStatus | undefined => (proxy.status().state === "stopped" ? undefined : proxy.status());
  const isInForce = (): boolean => folders.statuses().every(({ hasFile, proxy: served }) => !hasFile && served === undefined);
  let wereFoldersRead = false;
  const follow = (): void => {
    if (!isInForce() && status() !== undefined) void proxy.stop();
    const areFoldersRead = isInForce() && folders.statuses().every(({ state }) => state === "waiting");
    const isNew = areFoldersRead && !wereFoldersRead;
    wereFoldersRead = areFoldersRead;
    if (isNew && workspace.isTrusted && isStartedByItself(workspace)) void proxy.start();
  };
  const subscriptions = [
    folders.onDidChange(follow),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("llmProxy")) void proxy.refresh();
    }),
  ];
  follow();
  return {
    isInForce,
    start: () => proxy.start(),
    restart: () => proxy.restart(),
    stop: (mostMs) => proxy.stop(mostMs),
    status,
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
};

/** The defaults are package.json's, which the editor fills in. */
const readSettings = (workspace: Pick<typeof vscode.workspace, "getConfiguration">) => {
  const settings = workspace.getConfiguration("llmProxy");
  return {
    host: settings.get("host", "127.0.0.1"),
    port: settings.get("port", 8080),
    additionalPorts: settings.get<readonly number[]>("additionalPorts", []),
    apiKey: settings.get("apiKey", ""),
    rateLimit: settings.get("rateLimit", 0),
    requestTimeout: settings.get("requestTimeout", 600),
  };
};

/** Unlike a file, which somebody wrote in order to have it served, settings are always there: only a word of the user's own counts. */
const isStartedByItself = ({ getConfiguration }: Pick<typeof vscode.workspace, "getConfiguration">): boolean => {
  const { globalValue, workspaceValue } = getConfiguration("llmProxy").inspect<boolean>("autoStart") ?? {};
  return workspaceValue ?? globalValue ?? false;
};

/** Settings have no line to put a problem at: a message says it, once. */
const tellOnce = ({ commands, l10n, window }: SettingsProxyOptions["vscode"], status: () => FolderStatus): (() => void) => {
  let told = "";
  return () => {
    const problem = status().problems.find(isError);
    const text = problem === undefined ? "" : l10n.t("LLM Proxy cannot serve what {0} says. {1}", settingAt(problem.path), problem.message);
    if (text === told) return;
    told = text;
    if (text !== "") void offerSettings(text, { commands, l10n, window });
  };
};

const offerSettings = async (text: string, { commands, l10n, window }: Pick<typeof vscode, "commands" | "l10n" | "window">): Promise<void> => {
  const open = l10n.t("Open Settings");
  if (await window.showErrorMessage(text, open) === open) await commands.executeCommand("workbench.action.openSettings", "llmProxy");
};
