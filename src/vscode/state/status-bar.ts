import type * as vscode from "vscode";
import type { Clock } from "../../services.ts";
import type { WindowProxies } from "../window-proxies.ts";
import type { ExternalUrls } from "./external-urls.ts";
import { renderStatus } from "./status-text.ts";
import { renderTooltip, tooltipCommands } from "./tooltip.ts";

/** How old the figures in the tooltip may be: they change without a word, and the editor does not say when somebody looks. */
const refreshMs = 2000;

/** Shows the state of the window's proxies, from the first file or command on. */
export const registerStatusBar = (editor: typeof vscode, proxies: WindowProxies, external: ExternalUrls, clock: Clock): vscode.Disposable => {
  const { l10n, window, workspace } = editor;
  const item = window.createStatusBarItem("status", editor.StatusBarAlignment.Right, 0);
  item.name = "LLM Proxy";
  item.command = "llmProxy.showStatus";
  let tooltip = "";
  let cancelRefresh: (() => void) | undefined;
  const show = (): void => {
    cancelRefresh?.();
    const shown = proxies.list().map(({ id, status }) => ({ id, status: status() }));
    const statuses = shown.map(({ status }) => status);
    const { text, kind } = renderStatus(statuses, l10n);
    item.text = text;
    item.backgroundColor = kind === "plain" ? undefined : new editor.ThemeColor(`statusBarItem.${kind}Background`);
    const markdown = renderTooltip(shown, workspace.isTrusted, l10n, external.of);
    // Each assignment is a message to the window.
    if (markdown !== tooltip) item.tooltip = toMarkdown(tooltip = markdown, editor);
    if (statuses.some(({ hasFile, state }) => hasFile || (state !== "stopped" && state !== "waiting"))) item.show();
    cancelRefresh = statuses.some(({ proxy }) => proxy !== undefined) ? clock.after(refreshMs, show) : undefined;
  };
  const subscriptions = [proxies.onDidChange(show), external.onDidChange(show)];
  show();
  return editor.Disposable.from(item, ...subscriptions, { dispose: () => cancelRefresh?.() });
};

const toMarkdown = (text: string, { MarkdownString }: typeof vscode): vscode.MarkdownString => {
  const markdown = new MarkdownString(text);
  markdown.isTrusted = { enabledCommands: tooltipCommands };
  return markdown;
};
