import type { KeyOptions } from "../policies/auth.ts";
import type { AuthoredConfig, Key } from "./generated/types.ts";
import type { Path } from "./problem.ts";
import { readReference } from "./read-reference.ts";
import { sha256, type SecretSource } from "./references.ts";
import type { Report } from "./report.ts";

/**
 * Every key as its hash. One whose reference is unset has none and matches nobody, which is a warning: what it protects
 * stays closed. @param secrets absent = references stay unread, and nothing is said of them
 */
export const resolveKeys = async (authored: AuthoredConfig, secrets: SecretSource | undefined, report: Report): Promise<readonly KeyOptions[]> => {
  const keys: KeyOptions[] = [];
  for (const [name, key] of Object.entries(authored.keys ?? {})) {
    const hash = await hashOf(key ?? {}, ["keys", name], secrets, report);
    keys.push(hash === undefined ? { name } : { name, sha256: hash });
  }
  reportTwins(keys, report);
  return keys;
};

const hashOf = async (authored: Key, path: Path, secrets: SecretSource | undefined, report: Report): Promise<string | undefined> => {
  if (authored.hash !== undefined) return authored.hash.slice("sha256:".length).toLowerCase();
  if (authored.key === undefined) return undefined;
  const secret = await readReference(authored.key, [...path, "key"], "this matches nobody", secrets, report);
  if (secret === undefined) return undefined;
  // A header carries the key, and this is all that one carries without loss. @see RFC 6750 section 2.1
  if (/^[\x21-\x7E]+$/.test(secret)) return sha256(secret);
  report.value("warning", [...path, "key"], "This key holds a space, a line end or another character that no client can send: it matches nobody.", "Make a key with `llm-proxy key`.");
  return undefined;
};

const reportTwins = (keys: readonly KeyOptions[], report: Report): void => {
  const seen = new Map<string, string>();
  for (const { name, sha256: hash } of keys) {
    if (hash === undefined) continue;
    const twin = seen.get(hash);
    if (twin === undefined) seen.set(hash, name);
    else report.key("warning", ["keys", name], `"${name}" is the same key as "${twin}".`, "Give each its own key: who presents this one is taken for only one of them.");
  }
};
