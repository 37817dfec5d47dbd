import type * as vscode from "vscode";
import type { Folders } from "./folders.ts";
import { renderStatus } from "./status-text.ts";

/** Shows the state of the window's proxies, from the first file or command on. */
export const registerStatusBar = (editor: typeof vscode, folders: Folders): vscode.Disposable => {
  const item = editor.window.createStatusBarItem("status", editor.StatusBarAlignment.Right, 0);
  item.name = "LLM Proxy";
  item.command = "llmProxy.showStatus";
  const show = (): void => {
    const statuses = folders.statuses();
    const { text, lines, kind } = renderStatus(statuses, editor.workspace.isTrusted);
    item.text = text;
    item.tooltip = lines.join("\n");
    item.backgroundColor = kind === "plain" ? undefined : new editor.ThemeColor(`statusBarItem.${kind}Background`);
    if (statuses.some(({ hasFile, state }) => hasFile || (state !== "stopped" && state !== "waiting"))) item.show();
  };
  const subscription = folders.onDidChange(show);
  show();
  return editor.Disposable.from(item, subscription);
};
