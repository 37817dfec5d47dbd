import type * as vscode from "vscode";
import { afterQuiet } from "../quiet.ts";
import type { Clock } from "../services.ts";

export const fileName = ".llmproxy.yaml";

/** Editors, git and people write a file in several steps; it is read when they are done. */
const quietMs = 200;

/**
 * Calls back once a folder's `.llmproxy.yaml` may be another one, and all is quiet: made, written, removed, or renamed
 * over, which the editor calls a creation. It does not say when a file behind a link is written to; coming back to the
 * window is taken as a sign.
 */
export const watchConfigFile = (
  { RelativePattern, workspace, window }: Pick<typeof vscode, "RelativePattern"> & {
    readonly workspace: Pick<typeof vscode.workspace, "createFileSystemWatcher">;
    readonly window: Pick<typeof vscode.window, "onDidChangeWindowState">;
  },
  folder: vscode.WorkspaceFolder,
  clock: Clock,
  onChange: () => void,
): vscode.Disposable => {
  const quiet = afterQuiet(clock, quietMs, onChange);
  const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, fileName));
  const subscriptions = [
    watcher,
    watcher.onDidCreate(quiet.touch),
    watcher.onDidChange(quiet.touch),
    watcher.onDidDelete(quiet.touch),
    window.onDidChangeWindowState(({ focused }) => {
      if (focused) quiet.touch();
    }),
  ];
  return {
    dispose() {
      quiet.stop();
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
};
