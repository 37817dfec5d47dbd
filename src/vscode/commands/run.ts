import type * as vscode from "vscode";
import type { FolderStatus } from "../folder-proxy.ts";
import { fileName } from "../folders.ts";
import { reportOf } from "../state/folder-report.ts";
import type { WindowProxy } from "../window-proxies.ts";
import { choose } from "./choose.ts";
import type { Command, CommandContext } from "./command.ts";

export const start: Command = async ({ editor, proxies, consent }, id) => {
  const { l10n, workspace } = editor;
  if (!workspace.isTrusted) return void offerTrust(editor);
  // Whoever starts it by hand wants the question that they left unanswered.
  consent.askAgain();
  const chosen = await chooseAmong(proxies.list(), editor, l10n.t("LLM Proxy: Start"), id);
  for (const proxy of chosen) {
    const wasFine = isFine(proxy.status());
    await proxy.start();
    if (wasFine) void tellRunning(editor, proxy);
    if (isWaitingForFile(proxy.status())) void offerFile(editor, proxy);
  }
  // A file may have gone unseen while its folder was stopped: then the settings are in force after all.
  const settings = chosen.length === 0 ? undefined : proxies.list().find((proxy) => proxy.file === undefined && !chosen.some((other) => other.id === proxy.id));
  await settings?.start();
};

export const stop: Command = async (context, id) => {
  const chosen = await chooseStarted(context, context.editor.l10n.t("LLM Proxy: Stop"), id);
  await Promise.all(chosen.map((proxy) => proxy.stop()));
};

export const restart: Command = async (context, id) => {
  const { consent, editor } = context;
  if (!editor.workspace.isTrusted) return void offerTrust(editor);
  consent.askAgain();
  for (const proxy of await chooseStarted(context, editor.l10n.t("LLM Proxy: Restart"), id)) await proxy.restart();
};

/** Asks among those with a file. Where none has one nobody is asked: all of them wait for theirs, while the settings are served. */
const chooseAmong = async (list: readonly WindowProxy[], editor: typeof vscode, title: string, id: unknown): Promise<readonly WindowProxy[]> => {
  const withFile = list.filter((proxy) => proxy.status().hasFile);
  return withFile.length === 0 ? list : choose(editor, withFile, { title, id, mayBeAll: true });
};

const chooseStarted = async ({ editor, proxies }: CommandContext, title: string, id: unknown): Promise<readonly WindowProxy[]> => {
  const started = proxies.list().filter((proxy) => proxy.status().state !== "stopped");
  if (started.length === 0) void offerStart(editor);
  return chooseAmong(started, editor, title, id);
};

const isFine = ({ state, problems }: FolderStatus): boolean => state === "running" && problems.length === 0;

const isWaitingForFile = ({ state, hasFile }: FolderStatus): boolean => state === "waiting" && !hasFile;

const tellRunning = async ({ l10n, window, commands }: typeof vscode, proxy: WindowProxy): Promise<void> => {
  const { name, addresses } = reportOf(proxy.status(), l10n);
  const copy = l10n.t("Copy Base URL");
  const answer = await window.showInformationMessage(l10n.t("LLM Proxy serves {0} already, on {1}.", name, addresses[0]?.url ?? ""), copy);
  if (answer === copy) await commands.executeCommand("llmProxy.copyBaseUrl", proxy.id);
};

/** For commands that find nothing to act on. */
export const offerStart = async ({ commands, l10n, window }: typeof vscode): Promise<void> => {
  const button = l10n.t("Start");
  const answer = await window.showInformationMessage(l10n.t("LLM Proxy serves nothing in this window now."), button);
  if (answer === button) await commands.executeCommand("llmProxy.start");
};

const offerTrust = async ({ commands, l10n, window }: typeof vscode): Promise<void> => {
  const manage = l10n.t("Manage Workspace Trust");
  const answer = await window.showWarningMessage(l10n.t("LLM Proxy starts nothing in a folder that you do not trust: its .llmproxy.yaml may be anybody's."), manage);
  if (answer === manage) await commands.executeCommand("workbench.trust.manage");
};

const offerFile = async ({ commands, l10n, window }: typeof vscode, { folder }: WindowProxy): Promise<void> => {
  if (folder === undefined) return;
  const create = l10n.t("Create It");
  const answer = await window.showInformationMessage(l10n.t("Without a {0} in {1}, LLM Proxy serves what its settings say.", fileName, folder.name), create);
  if (answer === create) await commands.executeCommand("llmProxy.writeFirstFile", folder.uri);
};
