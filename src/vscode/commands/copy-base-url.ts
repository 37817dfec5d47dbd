import type { QuickPickItem } from "vscode";
import { reportOf } from "../state/folder-report.ts";
import type { WindowProxy } from "../window-proxies.ts";
import { choose } from "./choose.ts";
import type { Command, CommandContext } from "./command.ts";
import { offerStart } from "./run.ts";

/** Puts on the clipboard what a client is told as its base URL; asks where a proxy has several. */
export const copyBaseUrl: Command = async (context, id) => {
  const { editor } = context;
  const title = editor.l10n.t("LLM Proxy: Copy Base URL");
  const proxy = await chooseRunning(context, title, id);
  if (proxy !== undefined) void copy(proxy, title, context);
};

/** The running proxy that is meant. Where none runs a message says so, and offers to start one. */
export const chooseRunning = async ({ editor, proxies }: CommandContext, title: string, id: unknown): Promise<WindowProxy | undefined> => {
  const running = proxies.list().filter((proxy) => proxy.status().state === "running");
  if (running.length === 0) void offerStart(editor);
  const [chosen] = await choose(editor, running, { title, id });
  return chosen;
};

const copy = async (proxy: WindowProxy, title: string, { editor: { env, l10n, window }, external }: CommandContext): Promise<void> => {
  const { addresses } = reportOf(proxy.status(), l10n);
  const items = (await Promise.all(addresses.map(async ({ url, about }): Promise<readonly QuickPickItem[]> => {
    const elsewhere = await external.ask(url);
    return [{ label: url, description: about }, ...(elsewhere === undefined ? [] : [{ label: elsewhere, description: l10n.t("from your machine") }])];
  }))).flat();
  const chosen = items.length > 1 ? await window.showQuickPick(items, { title, placeHolder: l10n.t("Which address?") }) : items[0];
  if (chosen === undefined) return;
  await env.clipboard.writeText(chosen.label);
  void window.showInformationMessage(l10n.t("{0} is on the clipboard.", chosen.label));
};
