import type * as vscode from "vscode";
import { isError } from "../../config/problem.ts";
import type { WindowProxy } from "../window-proxies.ts";
import type { Command, CommandContext } from "./command.ts";

interface Action extends vscode.QuickPickItem {
  readonly run: () => unknown;
}

/** All that a person allows, in one list: what each folder's file asks for, and the models. */
export const manageConsent: Command = (context) => void manage(context);

const manage = async (context: CommandContext): Promise<void> => {
  const { commands, l10n, window } = context.editor;
  const models: Action = { label: `$(hubot) ${l10n.t("Have VS Code ask about its models")}`, run: () => commands.executeCommand("llmProxy.allowModels") };
  const actions = [...context.proxies.list().flatMap((proxy) => actionsOf(proxy, context)), models];
  const chosen = await window.showQuickPick(actions, { title: l10n.t("LLM Proxy: Manage Consent") });
  await chosen?.run();
};

const actionsOf = (proxy: WindowProxy, context: CommandContext): readonly Action[] => {
  const { consent, editor: { commands, l10n } } = context;
  const { file } = proxy;
  if (file === undefined) return [];
  const { name, problems, state, isOutdated, waitsFor } = proxy.status();
  // What runs may be an older file, whose successor is not wrong and not in force either.
  const isHeld = waitsFor === "consent" || (state === "running" && isOutdated && !problems.some(isError));
  return [
    ...(isHeld ? [{ label: `$(question) ${l10n.t("Answer what {0} asks for", name)}`, run: () => commands.executeCommand("llmProxy.start", proxy.id) }] : []),
    ...(consent.hasAllowed(file.fsPath) ? [{ label: `$(discard) ${l10n.t("Take back what you allowed in {0}", name)}`, run: () => takeBack(proxy, file, context) }] : []),
  ];
};

/** What runs of the folder stops, and is asked about like new. */
const takeBack = async (proxy: WindowProxy, file: vscode.Uri, { consent, editor: { l10n, window } }: CommandContext): Promise<void> => {
  consent.askAgain();
  await consent.forget(file.fsPath);
  if (proxy.status().state !== "stopped") await proxy.restart();
  void window.showInformationMessage(l10n.t("LLM Proxy has forgotten what you allowed in {0}.", proxy.status().name));
};
