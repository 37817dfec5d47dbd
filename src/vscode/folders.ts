import { dirname, resolve } from "node:path";
import type * as vscode from "vscode";
import { readPlainFile } from "../config/read-file.ts";
import { followFile, type FileWatch } from "../config/watch-file.ts";
import type { Clock, Log } from "../services.ts";
import { FolderProxy, type FolderStatus } from "./folder-proxy.ts";
import type { ServerFactory } from "./server.ts";

export const fileName = ".llmproxy.yaml";

/** One folder of the window, with its file and the proxy that the file declares. */
export interface Folder {
  readonly folder: vscode.WorkspaceFolder;
  readonly file: vscode.Uri;
  readonly proxy: FolderProxy;
}

/** All folders of the window, in their order. */
export interface Folders extends vscode.Disposable {
  list(): readonly Folder[];
  statuses(): readonly FolderStatus[];
  /** Calls back after each change of a status, and of which folders there are. */
  onDidChange(listener: () => void): vscode.Disposable;
  /** Reads all files again, also those that are as they were: something that they refer to has changed. */
  refresh(): Promise<void>;
  /** Stops all of them for good. */
  close(graceMs: number): Promise<void>;
}

export interface FoldersOptions {
  readonly vscode: typeof vscode;
  readonly clock: Clock;
  readonly log: Log;
  /** Loads what is heavy, once. */
  readonly loadServer: () => Promise<ServerFactory>;
}

/** Follows the folders of the window; each that has a file is served, unless its settings say otherwise. */
export const createFolders = (options: FoldersOptions): Folders => {
  const { workspace } = options.vscode;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const open = new Map<string, OpenFolder>();
  const list = (): readonly OpenFolder[] =>
    (workspace.workspaceFolders ?? []).flatMap(({ uri }) => open.get(uri.toString()) ?? []);

  /** One after the other, in the order of the window: of two that ask for the same port, the first has it. */
  const start = async (folders: readonly OpenFolder[]): Promise<void> => {
    if (!workspace.isTrusted) return;
    for (const { folder, proxy } of folders) if (isStartedByItself(options.vscode, folder)) await proxy.start();
  };
  const follow = (): void => {
    const present = new Set((workspace.workspaceFolders ?? []).map(({ uri }) => uri.toString()));
    for (const [key, folder] of open) {
      if (present.has(key)) continue;
      open.delete(key);
      folder.watch.close();
      void folder.proxy.stop();
    }
    // The proxy runs where the files are; those of a virtual file system are somewhere else.
    const added = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file" && !open.has(uri.toString()));
    for (const folder of added) open.set(folder.uri.toString(), openFolder(options, folder, changed));
    changed();
    void start(list().filter(({ folder }) => added.includes(folder)));
  };
  const subscriptions = [workspace.onDidChangeWorkspaceFolders(follow), workspace.onDidGrantWorkspaceTrust(() => void start(list()))];
  follow();

  return {
    list,
    statuses: () => list().map(({ proxy }) => proxy.status()),
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    async refresh() {
      await Promise.all(list().map(({ proxy }) => proxy.refresh({ again: true })));
    },
    async close(graceMs) {
      await Promise.all([...open.values()].map(({ proxy }) => proxy.stop(graceMs)));
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      for (const { watch } of open.values()) watch.close();
    },
  };
};

interface OpenFolder extends Folder {
  readonly watch: FileWatch;
}

const openFolder = ({ vscode, clock, log, loadServer }: FoldersOptions, folder: vscode.WorkspaceFolder, onChange: () => void): OpenFolder => {
  const file = vscode.Uri.joinPath(folder.uri, fileName);
  let pointsToOthers = false;
  const proxy = new FolderProxy({
    name: folder.name,
    clock,
    log,
    read: () => readPlainFile(file.fsPath),
    createServer: async (events) => (await loadServer()).create(file.fsPath, events),
    onPointsTo(files) {
      pointsToOthers = files.length > 0;
      watch.also(files.map((other) => resolve(dirname(file.fsPath), other)));
    },
    onChange,
  });
  const watch = followFile(file.fsPath, clock, () => void proxy.refresh({ again: pointsToOthers }));
  return { folder, file, proxy, watch };
};

const isStartedByItself = ({ workspace }: typeof vscode, folder: vscode.WorkspaceFolder): boolean =>
  workspace.getConfiguration("llmProxy", folder.uri).get("autoStart", true);
