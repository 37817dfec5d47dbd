import type * as vscode from "vscode";

/** The setting `llmProxy.enableLogging`, kept at hand: it is asked for at every line. */
export interface LoggingSetting extends vscode.Disposable {
  isEnabled(): boolean;
}

export const watchLoggingSetting = (workspace: Pick<typeof vscode.workspace, "getConfiguration" | "onDidChangeConfiguration">): LoggingSetting => {
  const read = (): boolean => workspace.getConfiguration("llmProxy").get("enableLogging", true);
  let isEnabled = read();
  const subscription = workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration("llmProxy.enableLogging")) isEnabled = read();
  });
  return { isEnabled: () => isEnabled, dispose: () => void subscription.dispose() };
};
