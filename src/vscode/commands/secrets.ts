import type * as vscode from "vscode";
import type { Command } from "./command.ts";

/** Asks for a secret's value, and for its name where that is not given; an empty value forgets it. */
export const setSecret: Command = async ({ editor, secrets }, given) => {
  const { l10n, window } = editor;
  const title = l10n.t("LLM Proxy: Set Secret");
  const name = isName(given) ? given : await askName(editor, title);
  if (name === undefined) return;
  const value = await window.showInputBox({ title, prompt: l10n.t("The value of {0}. Empty forgets it.", name), password: true, ignoreFocusOut: true });
  if (value === undefined) return;
  if (value === "") return secrets.forget(name);
  await secrets.store(name, value);
  void window.showInformationMessage(l10n.t("The secret {0} is set. A .llmproxy.yaml reads it as {1}.", name, referenceTo(name)));
};

/** Asks which of the secrets is to be forgotten: what is served with it stops accepting, or presenting, it. */
export const forgetSecret: Command = async ({ editor: { l10n, window }, secrets }, given) => {
  const names = secrets.names();
  if (names.length === 0) return void window.showInformationMessage(l10n.t("LLM Proxy keeps no secret."));
  const name = isName(given) ? given : await window.showQuickPick(names, { title: l10n.t("LLM Proxy: Forget Secret"), placeHolder: l10n.t("Which secret?") });
  if (name === undefined) return;
  await secrets.forget(name);
  void window.showInformationMessage(l10n.t("The secret {0} is forgotten.", name));
};

const askName = ({ l10n, window }: Pick<typeof vscode, "l10n" | "window">, title: string): Thenable<string | undefined> => window.showInputBox({
  title,
  prompt: l10n.t("The name, as in {0}", referenceTo("name")),
  validateInput: (name) => (isName(name) ? undefined : l10n.t("A name has letters, digits, dots, dashes and underscores, and begins with a letter or a digit.")),
  ignoreFocusOut: true,
});

const referenceTo = (name: string): string => `\${secret:${name}}`;

const isName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z0-9][\w.-]*$/.test(name);
