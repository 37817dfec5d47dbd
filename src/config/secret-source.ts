import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { Reference, SecretSource, SecretValue } from "./references.ts";

export interface SecretSourceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that holds the configuration: files outside it are not read. */
  readonly folder: string;
  /** What `${secret:name}` is; the editor's storage or, in a terminal, `secretFromEnvironment`. */
  readonly secret: (name: string) => SecretValue | Promise<SecretValue>;
}

/** Reads references from the environment, from a folder's files and from `secret`. Never throws. */
export const createSecretSource = ({ env, folder, secret }: SecretSourceOptions): SecretSource => ({
  read({ kind, name }: Reference) {
    if (kind === "file") return readSecretFile(folder, name);
    return kind === "env" ? readVariable(env, name) : secret(name);
  },
});

/** `${secret:my-key}` in a terminal: the environment variable LLM_PROXY_SECRET_MY_KEY. */
export const secretFromEnvironment = (env: SecretSourceOptions["env"]) => (name: string): SecretValue =>
  readVariable(env, `LLM_PROXY_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`);

const readVariable = (env: SecretSourceOptions["env"], name: string): SecretValue => {
  const value = env[name];
  return value ? { value } : { missing: `The environment variable ${name} is ${value === undefined ? "not set" : "empty"}.`, hint: `Set ${name} and start again.` };
};

/** A secret is a line, not a document. */
const maxSecretBytes = 16 * 1024;

/** The file's text without the line end that editors put after it. */
const readSecretFile = async (folder: string, path: string): Promise<SecretValue> => {
  try {
    const [base, target] = await Promise.all([realpath(folder), realpath(resolve(folder, path))]);
    // After links are followed: a link in a cloned folder must not reach the user's other files.
    if (!isInside(base, target)) return { missing: `The file ${path} leads outside the folder.`, hint: "Keep the file itself in the folder, and out of the repository." };
    return await readRegularFile(target, path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
    return { missing: `The file ${path} ${reason}.`, hint: "Write the secret into it, and keep it out of the repository." };
  }
};

/** Whether a path, which must be normal, lies below the folder. */
export const isInside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

const readRegularFile = async (target: string, path: string): Promise<SecretValue> => {
  // Before it is opened: opening a pipe waits for somebody to write into it.
  const status = await stat(target);
  if (!status.isFile() || status.size > maxSecretBytes) return { missing: `${path} is not a file with one secret.`, hint: "Write nothing but the secret into it." };
  const value = (await readFile(target, "utf8")).replace(/\r?\n$/, "");
  return value === "" ? { missing: `The file ${path} is empty.`, hint: "Write the secret into it." } : { value };
};
