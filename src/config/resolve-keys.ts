import { isAbsolute, normalize } from "node:path/posix";
import type { KeyOptions } from "../policies/auth.ts";
import type { AuthoredConfig, Key } from "./generated/types.ts";
import type { Path } from "./problem.ts";
import { parseReference, sha256, type SecretSource } from "./references.ts";
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
  const secret = await readReference(authored.key, [...path, "key"], secrets, report);
  if (secret === undefined) return undefined;
  // A header carries the key, and this is all that one carries without loss. @see RFC 6750 section 2.1
  if (/^[\x21-\x7E]+$/.test(secret)) return sha256(secret);
  report.value("warning", [...path, "key"], "This key holds a space, a line end or another character that no client can send: it matches nobody.", "Make a key with `llm-proxy key`.");
  return undefined;
};

/** The secret that a reference names; absent, with a warning at `path`, when it is not set. */
const readReference = async (written: string, path: Path, secrets: SecretSource | undefined, report: Report): Promise<string | undefined> => {
  const reference = parseReference(written);
  if (reference.kind === "file" && leavesFolder(reference.name)) {
    report.value("error", path, "The file of a secret must lie in the folder of the configuration.", "Write a path below this folder, such as \"${file:.llmproxy/ci.key}\".");
    return undefined;
  }
  const found = await secrets?.read(reference);
  if (found === undefined || "value" in found) return found?.value;
  report.value("warning", path, `${found.missing} Until it is, this matches nobody.`, found.hint);
  return undefined;
};

/** By its text alone; where links lead is seen when the file is read. */
const leavesFolder = (path: string): boolean => {
  const normal = normalize(path.replaceAll("\\", "/"));
  return isAbsolute(normal) || /^[A-Za-z]:/.test(normal) || normal === ".." || normal.startsWith("../");
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
