import type * as vscode from "vscode";
import type { Clock } from "../../services.ts";
import type { WindowProxies, WindowProxy } from "../window-proxies.ts";
import { applyFix } from "./apply-fix.ts";
import { remedyOf, type Remedy } from "./remedy.ts";

/** For how long a problem has to stand: a file that is just being written, or checked out, is whole in a moment. */
const settleMs = 1000;

export interface NoticesOptions {
  readonly editor: typeof vscode;
  readonly proxies: WindowProxies;
  readonly clock: Clock;
}

/**
 * Says what a person can mend, with the button that mends it: once for each problem of a folder, until it is gone. What a
 * person is looking at in an editor is not told beside it.
 */
export const registerNotices = (options: NoticesOptions): vscode.Disposable => {
  const { editor, proxies, clock } = options;
  /** What has been told of each folder. */
  const told = new Map<string, string>();
  let cancel: (() => void) | undefined;
  const look = (): void => {
    for (const proxy of proxies.list()) {
      const remedy = isOurs(proxy) ? remedyOf(proxy.status()) : undefined;
      const news = remedy === undefined ? "" : wordsOf(remedy);
      if (news === (told.get(proxy.id) ?? "")) continue;
      told.set(proxy.id, news);
      if (remedy !== undefined && !isSeen(proxy, remedy, editor)) void tell(proxy, remedy, editor);
    }
  };
  const follow = (): void => {
    cancel?.();
    cancel = clock.after(settleMs, look);
  };
  const subscription = proxies.onDidChange(follow);
  follow();
  return editor.Disposable.from(subscription, { dispose: () => cancel?.() });
};

/** The settings have their own way to say what is wrong with them. */
const isOurs = ({ file, status }: WindowProxy): boolean => file !== undefined && status().state !== "stopped";

const isSeen = ({ file }: WindowProxy, { kind }: Remedy, { window }: typeof vscode): boolean =>
  kind === "show" && window.visibleTextEditors.some(({ document }) => document.uri.toString() === file?.toString());

const wordsOf = ({ problem: { message } }: Remedy): string => message;

const tell = async (proxy: WindowProxy, remedy: Remedy, editor: typeof vscode): Promise<void> => {
  const { l10n, window } = editor;
  const { name } = proxy.status();
  const { problem: { message, range } } = remedy;
  const text = remedy.kind === "show" ? l10n.t("LLM Proxy cannot take over the file of {0}, line {1}: {2}", name, range.start.line, message) : l10n.t("LLM Proxy, {0}: {1}", name, message);
  const buttons = buttonsOf(remedy, proxy, editor);
  const show = remedy.kind === "secret" ? window.showWarningMessage : window.showErrorMessage;
  const answer = await show(text, ...buttons.map(({ label }) => label));
  await buttons.find(({ label }) => label === answer)?.run();
};

interface Button {
  readonly label: string;
  readonly run: () => unknown;
}

const buttonsOf = (remedy: Remedy, { file, ...proxy }: WindowProxy, editor: typeof vscode): readonly Button[] => {
  const { commands, l10n, Position, Range, window } = editor;
  if (file === undefined) return [];
  const { start } = remedy.problem.range;
  const place = new Position(start.line - 1, start.column - 1);
  const show: Button = { label: l10n.t("Show Problem"), run: () => window.showTextDocument(file, { selection: new Range(place, place) }) };
  switch (remedy.kind) {
    case "show": return [show];
    case "secret": return [{ label: l10n.t("Set Secret"), run: () => commands.executeCommand("llmProxy.setSecret", remedy.secret) }, show];
    case "change": return [{
      label: remedy.fix.title,
      run() {
        // It may be long since this was asked, and the file another one.
        const now = remedyOf(proxy.status());
        return now?.kind === "change" && wordsOf(now) === wordsOf(remedy) ? applyFix(file, now.fix, editor) : show.run();
      },
    }, show];
  }
};
