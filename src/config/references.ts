import { createHash } from "node:crypto";

/** Where a secret is, as a file may name it: `${env:NAME}`, `${secret:name}`, `${file:path}`. */
export interface Reference {
  readonly kind: "env" | "secret" | "file";
  /** The variable, the secret's name, or the path, which is relative to the configuration's folder. */
  readonly name: string;
}

/** Looks up what a reference names. An empty value counts as none. */
export interface SecretSource {
  read(reference: Reference): SecretValue | Promise<SecretValue>;
}

/**
 * `missing` is a whole sentence: what is not there, without a value; `hint` says how to put it there. `sets` is the name
 * under which whoever serves the file can ask for it.
 */
export type SecretValue = { readonly value: string } | { readonly missing: string; readonly hint: string; readonly sets?: string };

/** A reference as the schema allows it. */
export const parseReference = (written: string): Reference => {
  const [, kind = "", name = ""] = /^\$\{(env|secret|file):(.*)\}$/s.exec(written) ?? [];
  if (kind !== "env" && kind !== "secret" && kind !== "file") throw new TypeError("This is no reference: the schema should have refused it.");
  return { kind, name };
};

/** The only form in which a secret goes on from here. */
export const sha256 = (secret: string): string => createHash("sha256").update(secret).digest("hex");
