import { dirname } from "node:path";
import { keyReferenceOf } from "../../config/key-reference.ts";
import { readPlainFile } from "../../config/read-file.ts";
import { createSecretSource } from "../../config/secret-source.ts";
import type { SecretStore } from "../secrets.ts";

/** The key of that name in a file, where the file has a reference for it and that is set. @param file absolute path */
export const readKey = async (file: string, name: string, secrets: Pick<SecretStore, "read">): Promise<string | undefined> => {
  const source = await readPlainFile(file);
  const reference = source === undefined ? undefined : keyReferenceOf(source, name);
  if (reference === undefined) return undefined;
  const found = await createSecretSource({ env: process.env, folder: dirname(file), secret: (secret) => secrets.read(secret) }).read(reference);
  return "value" in found ? found.value : undefined;
};
