import type { SecretValue } from "../../config/references.ts";

/** What the help with writing does with the secrets that the editor keeps. */
export interface Secrets {
  read(name: string): Promise<SecretValue>;
  store(name: string, value: string): Promise<void>;
  names(): readonly string[];
}

/** Moves a secret out of a file; contributed to no menu, for only a fix knows what to hand it. */
export const moveSecretCommand = "llmProxy.moveSecret";
