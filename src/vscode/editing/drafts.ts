import type * as vscode from "vscode";
import type { Problem } from "../../config/problem.ts";
import { afterQuiet } from "../../quiet.ts";
import type { Clock } from "../../services.ts";
import { isConfiguration, isReadName } from "./documents.ts";

/** What is wrong with files as they stand in an editor, where no proxy tells it: not saved yet, or not followed by one. */
export interface Drafts extends vscode.Disposable {
  /** By the file's URI. The list is another object after each change of it. */
  problems(): ReadonlyMap<string, readonly Problem[]>;
  onDidChange(listener: () => void): vscode.Disposable;
  /** Has another look: whether a proxy follows a file may have changed. */
  refresh(): void;
}

export interface DraftsOptions {
  readonly workspace: Pick<typeof vscode.workspace, "textDocuments" | "onDidOpenTextDocument" | "onDidChangeTextDocument" | "onDidSaveTextDocument" | "onDidCloseTextDocument">;
  readonly clock: Clock;
  /** Whether a proxy reads this file after each save, and tells what is wrong with it. */
  readonly isFollowed: (file: vscode.Uri) => boolean;
  /** What is wrong with a text; heavy, so that it is loaded at the first file that is opened. */
  readonly check: (text: string) => Promise<readonly Problem[]>;
}

/** While somebody types, every stop of this length is one check. */
const quiet = { quietMs: 200, mostMs: 2000 };
/** By then the proxy that follows the file has read what was saved. Until then what was known stays. */
const savedMs = 1000;

export const createDrafts = ({ workspace, clock, isFollowed, check }: DraftsOptions): Drafts => {
  const known = new Map<string, readonly Problem[]>();
  const turns = new Map<string, { touch(): void; stop(): void }>();
  const listeners = new Set<() => void>();
  const put = (key: string, problems: readonly Problem[] | undefined): void => {
    if (problems === undefined ? !known.delete(key) : known.get(key) === problems) return;
    if (problems !== undefined) known.set(key, problems);
    for (const listener of listeners) listener();
  };
  const look = async (key: string): Promise<void> => {
    const document = workspace.textDocuments.find(({ uri, isClosed }) => !isClosed && uri.toString() === key);
    if (document === undefined || (!document.isDirty && isFollowed(document.uri))) return put(key, undefined);
    const { version } = document;
    const problems = await check(document.getText());
    // Somebody typed on meanwhile: that is checked next.
    if (document.version === version && !document.isClosed) put(key, isReadName(document.uri) ? problems : [notRead, ...problems]);
  };
  const touch = ({ uri }: { readonly uri: vscode.Uri }): void => {
    const key = uri.toString();
    if (!isConfiguration(uri)) return;
    const turn = turns.get(key) ?? afterQuiet(clock, quiet, () => void look(key));
    turns.set(key, turn);
    turn.touch();
  };
  const cancels = new Set<() => void>();
  const settle = ({ uri }: vscode.TextDocument): void => {
    if (!isConfiguration(uri)) return;
    const cancel = clock.after(savedMs, () => {
      cancels.delete(cancel);
      void look(uri.toString());
    });
    cancels.add(cancel);
  };
  const isTyped = ({ document, contentChanges }: vscode.TextDocumentChangeEvent): boolean => document.isDirty || contentChanges.length > 0;
  const refresh = (): void => workspace.textDocuments.forEach(touch);
  const subscriptions = [
    workspace.onDidOpenTextDocument(touch),
    workspace.onDidChangeTextDocument((event) => isTyped(event) && touch(event.document)),
    workspace.onDidSaveTextDocument(settle),
    workspace.onDidCloseTextDocument(touch),
  ];
  refresh();
  return {
    problems: () => known,
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    refresh,
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      for (const turn of turns.values()) turn.stop();
      for (const cancel of cancels) cancel();
    },
  };
};

const notRead: Problem = {
  severity: "warning",
  message: "A file of this name is not read.",
  hint: "Rename it to .llmproxy.yaml.",
  path: [],
  range: { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } },
};
