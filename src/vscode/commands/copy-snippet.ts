import type * as vscode from "vscode";
import type { ProxyStatus } from "../../proxy.ts";
import { baseUrlOf } from "../state/folder-report.ts";
import type { WindowProxy } from "../window-proxies.ts";
import { chooseRunning } from "./copy-base-url.ts";
import type { Command, CommandContext } from "./command.ts";
import { keyVariable, snippets, type Snippet, type SnippetFacts } from "./snippets.ts";

/** Puts a small client of a running proxy on the clipboard, ready to be run. */
export const copySnippet: Command = async (context, id) => {
  const title = context.editor.l10n.t("LLM Proxy: Copy Snippet");
  const proxy = await chooseRunning(context, title, id);
  if (proxy !== undefined) void copy(proxy, title, context);
};

interface LanguageItem extends vscode.QuickPickItem {
  readonly snippet: Snippet;
}

const copy = async (proxy: WindowProxy, title: string, { editor }: CommandContext): Promise<void> => {
  const { env, l10n, window } = editor;
  const { name, proxy: status } = proxy.status();
  const place = status === undefined ? undefined : placeOf(status);
  if (place === undefined) return void window.showWarningMessage(l10n.t("No route of {0} speaks openai-chat, which the snippets are written in.", name));
  const languages = snippets.map((snippet): LanguageItem => ({ label: snippet.label, ...(snippet.needs === undefined ? {} : { description: snippet.needs }), snippet }));
  const language = await window.showQuickPick(languages, { title, placeHolder: l10n.t("In which language?"), ignoreFocusOut: true });
  if (language === undefined) return;
  const model = await chooseModel(place, title, editor);
  if (model === undefined) return;
  await env.clipboard.writeText(language.snippet.render({ ...place, model }));
  void window.showInformationMessage(place.needsKey
    ? l10n.t("A {0} snippet is on the clipboard. It reads the key from the environment variable {1}.", language.label, keyVariable)
    : l10n.t("A {0} snippet is on the clipboard.", language.label));
};

interface Place extends Pick<SnippetFacts, "baseUrl" | "needsKey"> {
  /** As a client writes them; may hold a `*`. */
  readonly models: readonly string[];
}

/** Where the first route that the snippets can speak to answers now. */
const placeOf = ({ listeners, routes, models }: ProxyStatus): Place | undefined => {
  for (const listener of listeners.filter(({ state }) => state === "listening")) {
    const route = routes.find(({ listeners: names, protocols }) => names.includes(listener.name) && protocols.includes("openai-chat"));
    if (route !== undefined) return { baseUrl: baseUrlOf(listener, route), needsKey: route.needsKey, models: route.models ?? models };
  }
  return undefined;
};

const chooseModel = async ({ models }: Place, title: string, { l10n, lm, window }: typeof vscode): Promise<string | undefined> => {
  const aliases = models.filter((name) => !name.includes("*"));
  const names = aliases.length > 0 || !models.includes("*") ? aliases : await idsOf(lm);
  if (names.length === 0) void window.showWarningMessage(l10n.t("There is no model to ask: VS Code offers none here, and the file declares no other."));
  return names.length > 1 ? window.showQuickPick(names, { title, placeHolder: l10n.t("Which model?"), ignoreFocusOut: true }) : names[0];
};

/** Of the editor's models, which the alias `*` serves under their own names. */
const idsOf = async (lm: typeof vscode.lm): Promise<readonly string[]> => {
  const models = await lm.selectChatModels({});
  return [...new Set(models.filter(({ maxInputTokens }) => maxInputTokens > 0).map(({ id }) => id))];
};
