import type * as vscode from "vscode";
import type { Log } from "../../services.ts";
import type { WindowProxies, WindowProxy } from "../window-proxies.ts";
import { variablesOf, type Variables } from "./variables.ts";

export interface TerminalsOptions {
  readonly editor: Pick<typeof vscode, "workspace" | "l10n" | "Disposable">;
  readonly collection: vscode.GlobalEnvironmentVariableCollection;
  readonly proxies: WindowProxies;
  /** The key of that name in a file, where the file has a reference for it and that is set. */
  readonly readKey: (file: vscode.Uri, name: string) => Promise<string | undefined>;
  readonly log: Pick<Log, "warn">;
}

type Scope = Pick<vscode.EnvironmentVariableCollection, "replace" | "clear"> & { description: vscode.EnvironmentVariableCollection["description"] };

/** Gives new terminals of a folder the address of its proxy while that runs, where a setting says so. */
export const registerTerminals = ({ editor, collection, proxies, readKey, log }: TerminalsOptions): vscode.Disposable => {
  const { l10n, workspace } = editor;
  // A window that comes back knows its ports anew; until then nobody listens.
  collection.persistent = false;
  const given = new Map<string, { readonly scope: Scope; readonly text: string }>();
  const give = (proxy: WindowProxy, variables: Variables): void => {
    const scope: Scope = proxy.folder === undefined ? collection : collection.getScoped({ workspaceFolder: proxy.folder });
    const text = JSON.stringify(variables);
    if (text === (given.get(proxy.id)?.text ?? "{}")) return;
    scope.clear();
    for (const [name, value] of Object.entries(variables)) scope.replace(name, value);
    scope.description = l10n.t("Clients in this terminal talk to LLM Proxy.");
    given.set(proxy.id, { scope, text });
  };
  const giveAll = async (): Promise<void> => {
    const list = proxies.list();
    for (const [id, { scope }] of given) {
      if (list.some((proxy) => proxy.id === id)) continue;
      scope.clear();
      given.delete(id);
    }
    for (const proxy of list) give(proxy, await wantedBy(proxy, workspace, readKey));
  };
  let turn: Promise<void> = Promise.resolve();
  const follow = (): void => {
    turn = turn.then(giveAll).catch((error: unknown) => log.warn("terminals could not be told of the proxy", { error: String(error) }));
  };
  const subscriptions = [
    proxies.onDidChange(follow),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("llmProxy.terminalEnvironment") || change.affectsConfiguration("llmProxy.terminalKey")) follow();
    }),
  ];
  follow();
  return editor.Disposable.from(...subscriptions);
};

const wantedBy = async ({ file, folder, status }: WindowProxy, { getConfiguration }: Pick<typeof vscode.workspace, "getConfiguration">, readKey: TerminalsOptions["readKey"]): Promise<Variables> => {
  const { state, proxy, isOutdated } = status();
  const settings = getConfiguration("llmProxy", folder?.uri);
  if (state !== "running" || proxy === undefined || !settings.get("terminalEnvironment", false)) return {};
  const name = settings.get("terminalKey", "");
  // What a file names that is not in force, nobody may have allowed.
  const key = name === "" || file === undefined || isOutdated ? undefined : await readKey(file, name);
  return variablesOf(proxy, key);
};
