import type * as vscode from "vscode";
import type { SecretValue } from "../config/references.ts";

/** Where the editor keeps what `${secret:name}` stands for: encrypted, and the same for all of its windows. */
export interface SecretStore {
  read(name: string): Promise<SecretValue>;
  store(name: string, value: string): Promise<void>;
  forget(name: string): Promise<void>;
  /** Of the secrets that are set, as far as this is known: the oldest supported editor cannot list them. */
  names(): readonly string[];
}

export interface SecretStoreOptions {
  readonly storage: Pick<vscode.SecretStorage, "get" | "store" | "delete">;
  /** Where their names are kept. */
  readonly memory: Pick<vscode.Memento, "get" | "update">;
}

export const createSecretStore = ({ storage, memory }: SecretStoreOptions): SecretStore => {
  const names = (): readonly string[] => memory.get<readonly string[]>(namesKey) ?? [];
  const without = (name: string): readonly string[] => names().filter((other) => other !== name);
  return {
    read: (name) => readSecret(storage, name),
    async store(name, value) {
      await storage.store(keyOf(name), value);
      await memory.update(namesKey, [...without(name), name].toSorted());
    },
    async forget(name) {
      await storage.delete(keyOf(name));
      await memory.update(namesKey, without(name));
    },
    names,
  };
};

const keyOf = (name: string): string => `secret.${name}`;

const namesKey = "secrets";

/** What `${secret:name}` stands for in this editor. */
export const readSecret = async (storage: Pick<vscode.SecretStorage, "get">, name: string): Promise<SecretValue> => {
  const value = await storage.get(keyOf(name));
  return value === undefined || value === ""
    ? { missing: `The secret ${name} is not set.`, hint: `Run the command "LLM Proxy: Set Secret" and give it the name ${name}.`, sets: name }
    : { value };
};
