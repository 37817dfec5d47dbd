import type * as vscode from "vscode";
import { reportOf } from "../state/folder-report.ts";
import type { WindowProxy } from "../window-proxies.ts";

export interface ChoiceOptions {
  /** What is about to happen, as the title of the question. */
  readonly title: string;
  /** Of the proxy that somebody has pointed at already, in a tooltip or a message. */
  readonly id?: unknown;
  /** Whether all of them may be chosen at once. */
  readonly mayBeAll?: boolean;
}

interface Item extends vscode.QuickPickItem {
  readonly chosen: readonly WindowProxy[];
}

/** Which proxy of the window is meant: asks only where there are several. Empty where nobody answers. */
export const choose = async ({ l10n, window }: Pick<typeof vscode, "l10n" | "window">, proxies: readonly WindowProxy[], { title, id, mayBeAll = false }: ChoiceOptions): Promise<readonly WindowProxy[]> => {
  const meant = proxies.filter((proxy) => proxy.id === id);
  if (meant.length > 0) return meant;
  if (proxies.length < 2) return proxies;
  const items = proxies.map((proxy): Item => {
    const { name, state, addresses: [address] } = reportOf(proxy.status(), l10n);
    return { label: name, description: [state, ...(address === undefined ? [] : [address.url])].join(", "), chosen: [proxy] };
  });
  const all: Item = { label: l10n.t("All folders"), chosen: proxies };
  const answer = await window.showQuickPick(mayBeAll ? [all, ...items] : items, { title, placeHolder: l10n.t("Which folder?"), ignoreFocusOut: true });
  return answer?.chosen ?? [];
};
