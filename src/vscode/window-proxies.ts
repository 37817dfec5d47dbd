import type * as vscode from "vscode";
import type { FolderProxy, FolderStatus } from "./folder-proxy.ts";
import type { Folders } from "./folders.ts";
import type { SettingsProxy } from "./settings-proxy.ts";
import type { Words } from "./words.ts";

/** One proxy of this window, for whoever shows it or acts on it: a folder's or, where no folder has a file, the settings'. */
export interface WindowProxy extends Pick<FolderProxy, "start" | "restart"> {
  /** Tells it apart within the window: the folder's address, or `settings`. */
  readonly id: string;
  /** Absent for what the settings declare. */
  readonly file?: vscode.Uri;
  readonly folder?: vscode.WorkspaceFolder;
  stop(): Promise<void>;
  /** Its `name` is as a person knows it; no two in a window are alike. */
  status(): FolderStatus;
}

export interface WindowProxies {
  /** In the order of the window's folders, the settings last. */
  list(): readonly WindowProxy[];
  onDidChange(listener: () => void): vscode.Disposable;
}

export const createWindowProxies = (folders: Pick<Folders, "list" | "onDidChange">, settings: Omit<SettingsProxy, "dispose">, l10n: Words): WindowProxies => ({
  list: () => [...foldersOf(folders), ...(settings.isInForce() ? [ofSettings(settings, l10n)] : [])],
  onDidChange(listener) {
    const subscriptions = [folders.onDidChange(listener), settings.onDidChange(listener)];
    return {
      dispose() {
        for (const subscription of subscriptions) subscription.dispose();
      },
    };
  },
});

const foldersOf = (folders: Pick<Folders, "list">): readonly WindowProxy[] => {
  const list = folders.list();
  const isShared = (name: string): boolean => list.filter(({ folder }) => folder.name === name).length > 1;
  return list.map(({ folder, file, proxy }) => ({
    id: folder.uri.toString(),
    file,
    folder,
    start: () => proxy.start(),
    stop: () => proxy.stop(),
    restart: () => proxy.restart(),
    status: () => ({ ...proxy.status(), name: isShared(folder.name) ? `${folder.name} (${folder.uri.fsPath})` : folder.name }),
  }));
};

const ofSettings = (settings: Omit<SettingsProxy, "dispose">, l10n: Words): WindowProxy => ({
  id: "settings",
  start: () => settings.start(),
  stop: () => settings.stop(),
  restart: () => settings.restart(),
  status: () => ({ ...(settings.status() ?? notStarted), name: l10n.t("settings") }),
});

const notStarted: Omit<FolderStatus, "name"> = { state: "stopped", problems: [], isOutdated: false, hasFile: false };
