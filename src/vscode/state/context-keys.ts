import type * as vscode from "vscode";
import type { WindowProxies } from "../window-proxies.ts";

/** Tells the editor what there is to act on, for the `enablement` of commands in package.json. */
export const registerContextKeys = ({ commands }: Pick<typeof vscode, "commands">, proxies: WindowProxies): vscode.Disposable => {
  let told: boolean | undefined;
  const tell = (): void => {
    const isStarted = proxies.list().some((proxy) => proxy.status().state !== "stopped");
    if (isStarted === told) return;
    told = isStarted;
    void commands.executeCommand("setContext", "llmProxy.isStarted", isStarted);
  };
  const subscription = proxies.onDidChange(tell);
  tell();
  return subscription;
};
