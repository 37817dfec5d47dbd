import { basename, dirname } from "node:path";
import type * as vscode from "vscode";
import { contentHashOf, type Risk } from "../config/risks.ts";
import { consentQuestion, reviewItems } from "./consent-words.ts";
import type { Words } from "./words.ts";

/**
 * What the user allows the file of each folder. Asked once for a folder and one content of its risks; the answer outlives
 * the window, and holds until the content is another or the user takes it back.
 */
export interface FolderConsent {
  /** Whether the user has allowed this. Where nobody has answered yet, asks, without waiting for the answer. @param file absolute path */
  allows(file: string, risks: readonly Risk[]): boolean;
  /** Asks again what was left without a yes. */
  askAgain(): void;
  /** Whether the user has allowed the file anything. */
  hasAllowed(file: string): boolean;
  /** Takes back all that was allowed to the file; says whether there was anything. */
  forget(file: string): Promise<boolean>;
}

export interface FolderConsentOptions {
  readonly window: Pick<typeof vscode.window, "showWarningMessage" | "showQuickPick">;
  readonly l10n: Words;
  /** Where answers are kept. */
  readonly memory: Pick<vscode.Memento, "get" | "update">;
  /** Something was allowed that was not before. */
  readonly onAllow: () => void;
}

/** As many contents as somebody goes back and forth between, with the branches of a repository. */
const maxRemembered = 32;

export const createFolderConsent = ({ window, l10n, memory, onAllow }: FolderConsentOptions): FolderConsent => {
  const asked = new Set<string>();
  const allowed = (file: string): readonly string[] => memory.get<readonly string[]>(memoryKey(file), []);
  const ask = async (file: string, risks: readonly Risk[], content: string): Promise<void> => {
    if (!await isAllowed({ window, l10n }, file, risks)) return;
    await memory.update(memoryKey(file), [...allowed(file).filter((other) => other !== content), content].slice(-maxRemembered));
    onAllow();
  };
  return {
    allows(file, risks) {
      if (risks.length === 0) return true;
      const content = contentHashOf(risks);
      if (allowed(file).includes(content)) return true;
      const question = JSON.stringify([file, content]);
      if (!asked.has(question)) void ask(file, risks, content);
      asked.add(question);
      return false;
    },
    askAgain: () => asked.clear(),
    hasAllowed: (file) => allowed(file).length > 0,
    async forget(file) {
      const hadAny = allowed(file).length > 0;
      await memory.update(memoryKey(file), undefined);
      return hadAny;
    },
  };
};

const memoryKey = (file: string): string => `consent.${file}`;

/** No modal message: one that comes while somebody types would be answered by the next key. */
const isAllowed = async ({ window, l10n }: Pick<FolderConsentOptions, "window" | "l10n">, file: string, risks: readonly Risk[]): Promise<boolean> => {
  const { text, isWhole } = consentQuestion(`${basename(dirname(file))}/${basename(file)}`, risks, l10n);
  const button = isWhole ? l10n.t("Allow") : l10n.t("Review");
  const answer = await window.showWarningMessage(text, button, l10n.t("Not Now"));
  if (answer !== button || isWhole) return answer === button;
  const chosen = await window.showQuickPick(reviewItems(risks, l10n), { title: text, placeHolder: l10n.t("Allow stands at the end"), ignoreFocusOut: true });
  return chosen?.allows === true;
};
