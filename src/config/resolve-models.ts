import type { EchoOptions, Target } from "../models/host.ts";
import type { RequestSettings } from "../models/request-settings.ts";
import { checkName } from "./check-names.ts";
import { defaults } from "./defaults.ts";
import type { Alias, AuthoredConfig, Echo, RequestDefaults as AuthoredSettings, Target as AuthoredTarget } from "./generated/types.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./report.ts";
import type { AliasConfig } from "./types.ts";
import { parseDuration } from "./units.ts";

/**
 * Every alias with its targets in order, from the short form, a selector, an upstream's model, echo, a list of these, or
 * `targets` with options. Reports upstreams that are not declared.
 */
export const resolveModels = (authored: AuthoredConfig, upstreams: readonly string[], report: Report): readonly AliasConfig[] =>
  Object.entries(authored.models ?? defaults.file.models).map(([name, alias = []]) => {
    const { targets, path, options } = spelledOut(alias, ["models", name]);
    for (const [index, target] of targets.entries()) checkUpstream(target, path(index), upstreams, report);
    return { name, targets: targets.map(resolveTarget), ...options };
  });

interface SpelledOutAlias {
  readonly targets: readonly AuthoredTarget[];
  /** Where one of the targets stands. */
  readonly path: (index: number) => Path;
  readonly options: Omit<AliasConfig, "name" | "targets">;
}

/** An alias in its longest form, whatever form it was written in. */
const spelledOut = (alias: Alias, path: Path): SpelledOutAlias => {
  const { fallbackOn: usual } = defaults.longAlias;
  if (Array.isArray(alias)) return { targets: alias, path: (index) => [...path, index], options: { fallbackOn: usual } };
  if (typeof alias === "string" || !("targets" in alias)) return { targets: [alias], path: () => path, options: { fallbackOn: usual } };
  const { targets, fallbackOn, listed, description, defaults: settings, overrides } = { ...defaults.longAlias, ...alias };
  const options = {
    fallbackOn: [...new Set(fallbackOn)],
    ...(description !== undefined && { description }),
    ...(!listed && { isUnlisted: true as const }),
    ...(settings !== undefined && { defaults: resolveSettings(settings) }),
    ...(overrides !== undefined && { overrides: resolveSettings(overrides) }),
  };
  return { targets, path: (index) => [...path, "targets", index], options };
};

/** From the spellings of chat completions to ours. */
const resolveSettings = ({ temperature, top_p: topP, frequency_penalty: frequencyPenalty, presence_penalty: presencePenalty, seed, max_tokens: maxOutputTokens, stop, ...extraOptions }: AuthoredSettings): RequestSettings => ({
  sampling: {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(seed !== undefined && { seed }),
  },
  ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  ...(stop !== undefined && { stopSequences: typeof stop === "string" ? [stop] : stop }),
  extraOptions: { ...extraOptions },
});

const checkUpstream = (target: AuthoredTarget, path: Path, upstreams: readonly string[], report: Report): void => {
  if (typeof target === "string" || target.upstream === undefined) return;
  checkName(target.upstream, [...path, "upstream"], upstreams, { kind: "upstream", place: "upstreams:" }, report);
};

const resolveTarget = (authored: AuthoredTarget): Target => {
  if (typeof authored === "string") return parseShortTarget(authored);
  const { echo, upstream, model, ...selector } = authored;
  if (upstream !== undefined && model !== undefined) return { kind: "upstream", upstream, model };
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
