import type * as vscode from "vscode";
import { fileName } from "../folders.ts";
import { reportOf } from "../state/folder-report.ts";
import type { WindowProxy } from "../window-proxies.ts";
import type { Command, CommandContext } from "./command.ts";

interface Action extends vscode.QuickPickItem {
  readonly run?: () => unknown;
}

/** What runs where, folder by folder, and what can be done about it. */
export const showStatus: Command = (context) => void show(context);

const show = async (context: CommandContext): Promise<void> => {
  const { l10n, window, workspace } = context.editor;
  const items = context.proxies.list().flatMap((proxy) => actionsOf(proxy, context.editor));
  const log: readonly Action[] = [separator("", context.editor), { label: `$(output) ${l10n.t("Open Log")}`, run: context.showLog }];
  const placeHolder = workspace.isTrusted ? l10n.t("An address is copied") : l10n.t("Nothing starts in a folder that you do not trust");
  const chosen = await window.showQuickPick([...items, ...log], { title: "LLM Proxy", placeHolder });
  await chosen?.run?.();
};

const separator = (label: string, { QuickPickItemKind }: Pick<typeof vscode, "QuickPickItemKind">): Action => ({ label, kind: QuickPickItemKind.Separator });

const actionsOf = (proxy: WindowProxy, editor: typeof vscode): readonly Action[] => {
  const { commands, env, l10n } = editor;
  const { name, state, generation, addresses, facts } = reportOf(proxy.status(), l10n);
  const command = (icon: string, label: string, id: string): Action => ({ label: `$(${icon}) ${label}`, description: name, run: () => commands.executeCommand(`llmProxy.${id}`, proxy.id) });
  const isStopped = proxy.status().state === "stopped";
  return [
    separator(generation === undefined ? `${name}: ${state}` : `${name}: ${state}, ${l10n.t("generation {0}", generation)}`, editor),
    ...addresses.map(({ url, about }): Action => ({ label: url, description: about, run: () => env.clipboard.writeText(url) })),
    ...(facts.length === 0 ? [] : [{ label: facts.map(({ label, value }) => `${label}: ${value}`).join(" · ") }]),
    ...(addresses.length === 0 ? [] : [command("code", l10n.t("Copy Snippet"), "copySnippet")]),
    ...(isStopped ? [command("play", l10n.t("Start"), "start")] : [command("debug-stop", l10n.t("Stop"), "stop"), command("debug-restart", l10n.t("Restart"), "restart")]),
    ...openFile(proxy, editor),
  ];
};

const openFile = (proxy: WindowProxy, { commands, l10n }: typeof vscode): readonly Action[] =>
  (proxy.file === undefined || !proxy.status().hasFile ? [] : [{
    label: `$(file) ${l10n.t("Open {0}", fileName)}`, description: proxy.status().name, run: () => commands.executeCommand("vscode.open", proxy.file),
  }]);
