import type * as vscode from "vscode";
import { allowModels } from "./allow-models.ts";
import type { Command, CommandContext } from "./command.ts";
import { copyBaseUrl } from "./copy-base-url.ts";
import { copySnippet } from "./copy-snippet.ts";
import { manageConsent } from "./manage-consent.ts";
import { restart, start, stop } from "./run.ts";
import { forgetSecret, setSecret } from "./secrets.ts";
import { showStatus } from "./show-status.ts";

const openLog: Command = ({ showLog }) => showLog();

/** As package.json contributes them, below `llmProxy.`. */
export const commands: Readonly<Record<string, Command>> = {
  start, stop, restart, showStatus, openLog, copyBaseUrl, copySnippet, setSecret, forgetSecret, manageConsent, allowModels,
};

export const registerCommands = (context: CommandContext): vscode.Disposable => {
  const { editor } = context;
  return editor.Disposable.from(...Object.entries(commands).map(([name, run]) => editor.commands.registerCommand(`llmProxy.${name}`, (id?: unknown) => run(context, id))));
};
