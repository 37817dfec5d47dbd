import type { EchoOptions, Target } from "../models/host.ts";
import { defaults } from "./defaults.ts";
import type { AuthoredConfig, Echo, Target as AuthoredTarget } from "./generated/types.ts";
import type { AliasConfig } from "./types.ts";
import { parseDuration } from "./units.ts";

/** Every alias with its targets in order, from the short form, a selector, echo, or a list of these. */
export const resolveModels = (authored: AuthoredConfig): readonly AliasConfig[] =>
  Object.entries(authored.models ?? defaults.file.models).map(([name, alias]) => ({ name, targets: [alias ?? []].flat().map(resolveTarget) }));

const resolveTarget = (authored: AuthoredTarget): Target => {
  if (typeof authored === "string") return parseShortTarget(authored);
  const { echo, ...selector } = authored;
  return echo === undefined ? { kind: "selector", ...selector } : { kind: "echo", echo: resolveEcho(echo) };
};

/** `vendor/name`; what has no slash is a name that any vendor may have, and `*` alone is whatever id was asked for. */
const parseShortTarget = (written: string): Target => {
  if (written === "*") return { kind: "selector", id: "*" };
  const slash = written.indexOf("/");
  return slash < 0
    ? { kind: "selector", familyOrId: written }
    : { kind: "selector", vendor: written.slice(0, slash), familyOrId: written.slice(slash + 1) };
};

const resolveEcho = (authored: Echo): EchoOptions => {
  const { delay, firstToken, fail, ...options } = { ...defaults.echo, ...authored };
  return {
    ...options,
    delayMs: parseDuration(delay),
    firstTokenMs: parseDuration(firstToken),
    ...(fail && { fail: { ...defaults.fail, ...fail } }),
  };
};
