import { defaults } from "./defaults.ts";
import type { FileSource } from "./file-source.ts";
import { fixBy } from "./fix.ts";
import { generationOf } from "./generation.ts";
import type { AuthoredConfig } from "./generated/types.ts";
import { hostFault } from "./host-fault.ts";
import { isLoopback } from "./hosts.ts";
import type { SecretSource } from "./references.ts";
import type { Report } from "./report.ts";
import { checkAuth } from "./resolve-auth.ts";
import { resolveKeys } from "./resolve-keys.ts";
import { resolveListeners } from "./resolve-listeners.ts";
import { resolveLogging } from "./resolve-logging.ts";
import { resolveModels } from "./resolve-models.ts";
import { resolveOwnPaths } from "./resolve-own-paths.ts";
import { resolveRoutes } from "./resolve-routes.ts";
import { resolveUpstreams } from "./resolve-upstreams.ts";
import type { Config, ListenerConfig, RouteConfig } from "./types.ts";
import { parseDuration } from "./units.ts";

/** Where to read what a file only points to; absent = nothing is read, and nothing is said of what is not there. */
export interface ResolveContext {
  /** What references name. */
  readonly secrets?: SecretSource;
  /** Certificates. */
  readonly files?: FileSource;
}

/**
 * The configuration that a valid file means: what a route inherits, then defaults, units in milliseconds and bytes, keys as
 * hashes. What only the whole file can tell goes to `report`; with an error there, the answer is not to be used.
 */
export const resolve = async (authored: AuthoredConfig, { secrets, files }: ResolveContext, report: Report): Promise<Config> => {
  const listeners = await resolveListeners(authored, files, report);
  const upstreams = await resolveUpstreams(authored, secrets, report);
  const models = resolveModels(authored, upstreams.map(({ name }) => name), report);
  const keys = await resolveKeys(authored, models.map(({ name }) => name), secrets, report);
  checkAuth(authored, report);
  const routes = resolveRoutes(authored, listeners, models, report);
  for (const listener of listeners) reportOpenDoor(listener, routes, report);
  const shutdown = { graceMs: parseDuration(authored.shutdown?.grace ?? defaults.shutdown.grace) };
  const config = { listeners, upstreams, models, keys, routes, shutdown, logging: resolveLogging(authored, report), ...resolveOwnPaths(authored, routes, report) };
  return { ...config, generation: generationOf(config) };
};

/** Whoever reaches a socket beyond loopback would spend the user's quota. */
const reportOpenDoor = ({ name, host }: ListenerConfig, routes: readonly RouteConfig[], report: Report): void => {
  // What is no host at all is reported as that.
  if (isLoopback(host) || hostFault(host) !== undefined) return;
  const open = routes.filter((route) => route.listeners.includes(name) && route.auth.accepts === "none").map((route) => `"${route.name}"`);
  if (open.length === 0) return;
  report.value(
    "error",
    ["listeners", name, "host"],
    `${host} can be reached from other machines, and ${open.join(", ")} ${open.length === 1 ? "asks" : "ask"} for no key.`,
    "Declare keys: and remove auth: none, or listen on 127.0.0.1.",
    ({ edits }) => [fixBy("Listen on 127.0.0.1", edits.replaceValue(["listeners", name, "host"], "127.0.0.1"))],
  );
};
