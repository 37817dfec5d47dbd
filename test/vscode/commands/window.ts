import type * as vscode from "vscode";
import type { CommandContext } from "../../../src/vscode/commands/command.ts";
import type { FolderStatus } from "../../../src/vscode/folder-proxy.ts";
import type { WindowProxy } from "../../../src/vscode/window-proxies.ts";
import { words } from "../../support/words.ts";

/** What a command showed, and the answer that is given to it: a button, a row, a text. */
export interface Shown {
  readonly kind: "information" | "warning" | "error" | "pick" | "input";
  readonly text: string;
  /** Buttons or rows. */
  readonly choices: readonly string[];
}

/** A window with some folders, whose user answers what is shown with what `answers` holds for a part of its text. */
export const createWindow = (statuses: readonly FolderStatus[], answers: Readonly<Record<string, string>> = {}) => {
  const shown: Shown[] = [];
  const done: string[] = [];
  const world = { isTrusted: true, models: [] as { readonly vendor: string; readonly id: string; readonly maxInputTokens: number; sendRequest?: () => Promise<unknown> }[], clipboard: "" };
  const kept = new Map<string, string>();
  const labelOf = (row: unknown): string => (typeof row === "string" ? row : (row as vscode.QuickPickItem).label);
  const answer = (entry: Shown): string | undefined => {
    shown.push(entry);
    const key = Object.keys(answers).find((part) => entry.text.includes(part));
    return key === undefined ? undefined : answers[key];
  };
  const message = (kind: Shown["kind"]) => async (text: string, ...choices: readonly string[]) => answer({ kind, text, choices });
  const editor = {
    l10n: words,
    QuickPickItemKind: { Separator: -1 },
    CancellationTokenSource: class {
      token = {};
      cancel(): void {
        done.push("cancelled");
      }
      dispose(): void {}
    },
    LanguageModelChatMessage: { User: (text: string) => text },
    commands: { executeCommand: async (...args: readonly unknown[]) => void done.push(args.join(" ")) },
    env: { clipboard: { writeText: async (text: string) => void (world.clipboard = text) } },
    lm: { selectChatModels: async () => world.models },
    window: {
      showInformationMessage: message("information"),
      showWarningMessage: message("warning"),
      showErrorMessage: message("error"),
      async showQuickPick(rows: readonly unknown[], { title = "", placeHolder = "" }: vscode.QuickPickOptions = {}) {
        const wanted = answer({ kind: "pick", text: `${title}: ${placeHolder}`, choices: rows.map(labelOf) });
        return wanted === undefined ? undefined : rows.find((row) => labelOf(row).includes(wanted));
      },
      async showInputBox({ title = "", prompt = "" }: vscode.InputBoxOptions) {
        return answer({ kind: "input", text: `${title}: ${prompt}`, choices: [] });
      },
    },
    workspace: {
      get isTrusted() {
        return world.isTrusted;
      },
    },
  } as unknown as typeof vscode;
  const proxies = statuses.map((status): WindowProxy => ({
    id: `id of ${status.name}`,
    file: { fsPath: `/${status.name}/.llmproxy.yaml` } as vscode.Uri,
    status: () => status,
    start: async () => void done.push(`start ${status.name}`),
    stop: async () => void done.push(`stop ${status.name}`),
    restart: async () => void done.push(`restart ${status.name}`),
  }));
  const context: CommandContext = {
    editor,
    proxies: { list: () => proxies, onDidChange: () => ({ dispose() {} }) },
    consent: {
      allows: () => true,
      askAgain: () => void done.push("ask again"),
      hasAllowed: (file) => file.startsWith("/allowed"),
      async forget(file) {
        done.push(`forget ${file}`);
        return true;
      },
    },
    secrets: {
      read: async (name) => (kept.has(name) ? { value: kept.get(name) ?? "" } : { missing: "", hint: "" }),
      store: async (name, value) => void kept.set(name, value),
      forget: async (name) => void kept.delete(name),
      names: () => [...kept.keys()],
    },
    external: { ask: async () => undefined },
    showLog: () => void done.push("log"),
  };
  return { context, shown, done, world, kept };
};

/** Lets all that a command set off happen. */
export const settle = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));
