import type { KeyOptions } from "../policies/auth.ts";
import { checkName } from "./check-names.ts";
import type { AuthoredConfig, Key } from "./generated/types.ts";
import { quoted, type Path } from "./problem.ts";
import { readReference } from "./read-reference.ts";
import { sha256, type SecretSource } from "./references.ts";
import type { Report } from "./report.ts";

/**
 * Every key as its hash. One whose reference is unset has none and matches nobody, which is a warning: what it protects
 * stays closed. @param secrets absent = references stay unread, and nothing is said of them
 */
export const resolveKeys = async (authored: AuthoredConfig, aliases: readonly string[], secrets: SecretSource | undefined, report: Report): Promise<readonly KeyOptions[]> => {
  const keys: KeyOptions[] = [];
  for (const [name, key] of Object.entries(authored.keys ?? {})) {
    const hash = await hashOf(key ?? {}, ["keys", name], secrets, report);
    keys.push({ name, ...(hash && { sha256: hash }), ...permissionsOf(key ?? {}, aliases, ["keys", name], report) });
  }
  reportTwins(keys, report);
  return keys;
};

/** What a key may use, how much and until when. */
const permissionsOf = ({ models, expires, rateLimit }: Key, aliases: readonly string[], path: Path, report: Report): Omit<KeyOptions, "name" | "sha256"> => {
  if (models !== undefined) checkServed(models, aliases, [...path, "models"], report);
  return {
    ...(models && { models: [...new Set(models)] }),
    ...(rateLimit && { rateLimit }),
    ...(expires !== undefined && { expiresAt: readDay(expires, [...path, "expires"], report) }),
  };
};

/** A key may name an alias, and any name that an alias with a `*` serves. */
const checkServed = (models: readonly string[], aliases: readonly string[], path: Path, report: Report): void => {
  const patterns = aliases.filter((alias) => alias.includes("*")).map((alias) => alias.split("*"));
  const isServed = (name: string): boolean => !name.includes("*") && patterns.some(([start = "", end = ""]) => name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end));
  for (const [index, name] of models.entries()) if (!isServed(name)) checkName(name, [...path, index], aliases, { kind: "alias", place: "models:" }, report);
};

/** Midnight UTC at which a day begins. */
const readDay = (written: string, path: Path, report: Report): number => {
  const day = Date.parse(`${written}T00:00:00Z`);
  // 30 February is read as 2 March, or not at all.
  const isDay = Number.isFinite(day) && new Date(day).toISOString().startsWith(written);
  if (!isDay) report.value("error", path, `${quoted(written)} is not in the calendar.`, "Write a day as YYYY-MM-DD, such as expires: \"2027-01-01\".");
  else if (day <= Date.now()) report.value("warning", path, "This key has expired: it matches nobody.", "Write a later day, or remove the key.");
  return day;
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
