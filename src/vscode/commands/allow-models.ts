import type * as vscode from "vscode";
import { isAccessRefused } from "../model-errors.ts";
import type { Command } from "./command.ts";

/**
 * Has VS Code ask whether its models may be used: it does so at the first request for a vendor's models, and wants a
 * person to have set that off. The request is given up the moment it is let through.
 */
export const allowModels: Command = ({ editor }) => void allow(editor);

const allow = async (editor: typeof vscode): Promise<void> => {
  const { l10n, lm, window } = editor;
  const models = (await lm.selectChatModels({})).filter(({ maxInputTokens }) => maxInputTokens > 0);
  const vendors = [...new Set(models.map(({ vendor }) => vendor))].toSorted();
  if (vendors.length === 0) return void offerProvider(editor);
  const title = l10n.t("LLM Proxy: Allow Models");
  const vendor = vendors.length > 1 ? await window.showQuickPick(vendors, { title, placeHolder: l10n.t("Whose models?"), ignoreFocusOut: true }) : vendors[0];
  const model = models.find((candidate) => candidate.vendor === vendor);
  if (model !== undefined) await ask(model, editor);
};

const ask = async (model: vscode.LanguageModelChat, { CancellationTokenSource, l10n, LanguageModelChatMessage, window }: typeof vscode): Promise<void> => {
  const cancellation = new CancellationTokenSource();
  try {
    const justification = l10n.t("LLM Proxy serves them to the programs that its .llmproxy.yaml, or your settings, let in.");
    await model.sendRequest([LanguageModelChatMessage.User("Hello")], { justification }, cancellation.token);
    void window.showInformationMessage(l10n.t("LLM Proxy may use the models of {0}.", model.vendor));
  } catch (thrown) {
    if (isAccessRefused(thrown)) void window.showWarningMessage(l10n.t("LLM Proxy may not use the models of {0}. Run \"LLM Proxy: Allow Models\" to be asked again.", model.vendor));
    else void window.showErrorMessage(l10n.t("VS Code could not ask the models of {0}: {1}", model.vendor, thrown instanceof Error ? thrown.message : String(thrown)));
  } finally {
    cancellation.cancel();
    cancellation.dispose();
  }
};

const offerProvider = async ({ commands, l10n, window }: typeof vscode): Promise<void> => {
  const search = l10n.t("Find Extensions");
  const answer = await window.showInformationMessage(l10n.t("VS Code offers no language model here: install an extension that brings some, such as GitHub Copilot Chat, and sign in to it."), search);
  if (answer === search) await commands.executeCommand("workbench.extensions.search", "GitHub Copilot Chat");
};
