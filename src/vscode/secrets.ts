import type * as vscode from "vscode";
import type { SecretValue } from "../config/references.ts";

/** Where the editor keeps what `${secret:name}` stands for: encrypted, and the same for all of its windows. */
const keyOf = (name: string): string => `secret.${name}`;

export const setSecretTitle = "LLM Proxy: Set Secret";

/** What `${secret:name}` stands for in this editor. */
export const readSecret = async (storage: Pick<vscode.SecretStorage, "get">, name: string): Promise<SecretValue> => {
  const value = await storage.get(keyOf(name));
  return value === undefined || value === ""
    ? { missing: `The secret ${name} is not set.`, hint: `Run the command "${setSecretTitle}" and give it the name ${name}.` }
    : { value };
};

/** Asks for a secret's name and value; an empty value removes it. */
export const registerSetSecret = ({ commands, window }: typeof vscode, storage: vscode.SecretStorage): vscode.Disposable =>
  commands.registerCommand("llmProxy.setSecret", async () => {
    const name = await window.showInputBox({ title: setSecretTitle, prompt: "The name, as in ${secret:name}", validateInput: refuseName, ignoreFocusOut: true });
    if (name === undefined) return;
    const value = await window.showInputBox({ title: setSecretTitle, prompt: `The value of ${name}. Empty removes it.`, password: true, ignoreFocusOut: true });
    if (value === undefined) return;
    if (value === "") await storage.delete(keyOf(name));
    else await storage.store(keyOf(name), value);
  });

const refuseName = (name: string): string | undefined =>
  (/^[A-Za-z0-9][\w.-]*$/.test(name) ? undefined : "A name has letters, digits, dots, dashes and underscores, and begins with a letter or a digit.");
