import type { AuthOptions } from "../policies/auth.ts";
import { checkNames, type NameWords } from "./check-names.ts";
import { defaults } from "./defaults.ts";
import { endpointsOf } from "./endpoint-paths.ts";
import type { AuthoredConfig, Route } from "./generated/types.ts";
import { isError, quoted } from "./problem.ts";
import type { Report } from "./report.ts";
import { inheritAuth } from "./resolve-auth.ts";
import { checkSharedRateLimit, inheritRateLimit } from "./resolve-rate-limit.ts";
import { checkTimes, inheritRetry, inheritTimeout } from "./resolve-timeout.ts";
import type { AliasConfig, ListenerConfig, RouteConfig } from "./types.ts";
import { parseDuration } from "./units.ts";

/**
 * Every route with what it inherits. One that inherits differently from two listeners becomes two of the same name.
 * Reports unknown listeners and aliases, names and paths that two routes share, and listeners that serve nothing.
 */
export const resolveRoutes = (authored: AuthoredConfig, listeners: readonly ListenerConfig[], models: readonly AliasConfig[], report: Report): readonly RouteConfig[] => {
  const listenerNames = listeners.map(({ name }) => name);
  const aliases = models.map(({ name }) => name);
  const routes = (authored.routes ?? defaults.file.routes).map((route: ReadonlyRoute, index) => {
    checkNames(route.listeners ?? [], ["routes", index, "listeners"], listenerNames, listenerWords, report);
    checkNames(route.models ?? [], ["routes", index, "models"], aliases, aliasWords, report);
    return withDefaults(route, index, listenerNames, authored);
  });
  checkPaths(routes, report);
  checkEndpoints(routes, report);
  if (authored.listeners !== undefined && !report.problems.some(isError)) checkServed(listeners, routes, report);
  checkTimes(authored, report);
  const resolved = routes.flatMap((route, index) => inherit(route, index, authored, report));
  checkSharedRateLimit(authored, resolved, report);
  return resolved;
};

type ReadonlyRoute = { readonly [Name in keyof Route]: Route[Name] extends infer Value ? (Value extends readonly (infer Item)[] ? readonly Item[] : Value) : never };

interface NamedRoute extends Omit<RouteConfig, "auth" | "rateLimit"> {
  readonly authored: ReadonlyRoute;
}

const withDefaults = (authored: ReadonlyRoute, index: number, listenerNames: readonly string[], file: AuthoredConfig): NamedRoute => {
  const { path, protocols, name, listeners, models } = { ...defaults.route, ...authored };
  return {
    name: name ?? path,
    path,
    protocols: [...new Set(protocols)],
    listeners: listenerNames.filter((listener) => listeners?.includes(listener) ?? true),
    ...(models && { models: [...new Set(models)] }),
    timeout: inheritTimeout(authored.timeout, index, file.defaults?.timeout),
    retry: inheritRetry(authored.retry, file.defaults?.retry),
    keepAliveMs: parseDuration(authored.keepAlive ?? file.defaults?.keepAlive ?? defaults.defaults.keepAlive),
    authored,
  };
};

/** Listeners from which the route inherits the same stay together. */
const inherit = ({ authored: route, ...rest }: NamedRoute, index: number, authored: AuthoredConfig, report: Report): readonly RouteConfig[] => {
  const groups = new Map<string, { auth: AuthOptions; listeners: string[] }>();
  for (const listener of rest.listeners) {
    const auth = inheritAuth(authored, route.auth, authored.listeners?.[listener]?.auth);
    const group = groups.get(JSON.stringify(auth)) ?? { auth, listeners: [] };
    group.listeners.push(listener);
    groups.set(JSON.stringify(auth), group);
  }
  return [...groups.values()].map(({ auth, listeners }) => ({ ...rest, listeners, auth, rateLimit: inheritRateLimit(authored, index, auth, report) }));
};

const listenerWords: NameWords = { kind: "listener", place: "listeners:" };
const aliasWords: NameWords = { kind: "alias", place: "models:" };

const checkPaths = (routes: readonly NamedRoute[], report: Report): void => {
  for (const [index, { name, path, listeners, authored }] of routes.entries()) {
    const earlier = routes.slice(0, index);
    const samePath = earlier.find((other) => other.path === path && other.listeners.some((listener) => listeners.includes(listener)));
    const at = ["routes", index];
    if (samePath !== undefined) {
      report.value("error", authored.path === undefined ? at : [...at, "path"], `Route ${quoted(samePath.name)} has the path ${path} on the same listener.`, "Give each its own path, or name different listeners: in them.");
    } else if (earlier.some((other) => other.name === name)) {
      report.value("error", authored.name === undefined ? at : [...at, "name"], `Two routes are named ${quoted(name)}.`, "Give this one a name: of its own; the log and metrics tell routes apart by it.");
    }
  }
};

/** `/v1` has its chat/completions where `/v1/chat` has its completions: a request can only be one of the two. */
const checkEndpoints = (routes: readonly NamedRoute[], report: Report): void => {
  for (const [index, route] of routes.entries()) {
    const own = new Set(endpointsOf(route));
    const other = routes.slice(0, index).find((earlier) => earlier.path !== route.path
      && earlier.listeners.some((listener) => route.listeners.includes(listener)) && endpointsOf(earlier).some((endpoint) => own.has(endpoint)));
    if (other === undefined) continue;
    const shared = endpointsOf(other).find((endpoint) => own.has(endpoint)) ?? "";
    report.value("error", ["routes", index, "path"], `${shared} is an endpoint of route ${quoted(other.name)} too.`, "Give this route a path that does not end in the other's endpoints, or name different listeners: in them.");
  }
};

const checkServed = (listeners: readonly ListenerConfig[], routes: readonly NamedRoute[], report: Report): void => {
  for (const { name } of listeners) {
    if (routes.some((route) => route.listeners.includes(name))) continue;
    report.key("warning", ["listeners", name], `No route is served by listener "${name}".`, `Add ${name} to the listeners: of a route.`);
  }
};
