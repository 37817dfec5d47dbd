import { isError } from "../../config/problem.ts";
import type { ListenerStatus, ProxyStatus, RouteStatus } from "../../proxy.ts";
import type { FolderStatus } from "../folder-proxy.ts";
import type { Words } from "../words.ts";

/** What is said of one folder wherever it is shown: the tooltip and the list of `LLM Proxy: Show Status` read this. */
export interface FolderReport {
  readonly name: string;
  /** `running`, `waiting for port 8080`, `error, 2 problems`. */
  readonly state: string;
  /** Eight hexadecimal digits of what runs; absent where nothing does. */
  readonly generation?: string;
  readonly addresses: readonly AddressReport[];
  readonly facts: readonly Fact[];
}

/** One route on one of its listeners. */
export interface AddressReport {
  /** What a client is told as its base URL. */
  readonly url: string;
  /** What is spoken there, and to whom. */
  readonly about: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** @param status as the proxy of a folder tells it; its figures are those of `/health` and the metrics */
export const reportOf = (status: FolderStatus, l10n: Words): FolderReport => {
  const { name, proxy } = status;
  const state = `${stateOf(status, l10n)}${problemsOf(status, l10n)}`;
  if (proxy === undefined) return { name, state, addresses: [], facts: [] };
  return { name, state, generation: proxy.generation, addresses: addressesOf(proxy, l10n), facts: factsOf(proxy, l10n) };
};

const stateOf = (status: FolderStatus, l10n: Words): string => {
  switch (status.state) {
    case "stopped": return l10n.t("stopped");
    case "starting": return l10n.t("starting");
    case "running": return l10n.t("running");
    case "error": return l10n.t("error");
    case "waiting": return awaited(status, l10n);
  }
};

const awaited = ({ waitsFor, proxy }: FolderStatus, l10n: Words): string => {
  if (waitsFor === "consent") return l10n.t("waiting for your consent");
  if (waitsFor === "file") return l10n.t("waiting for a .llmproxy.yaml");
  const ports = portsOf(proxy?.listeners ?? []);
  return ports === "" ? l10n.t("waiting for its port") : l10n.t("waiting for port {0}, until another window lets go of it", ports);
};

const problemsOf = ({ state, problems, isOutdated }: FolderStatus, l10n: Words): string => {
  const errors = problems.filter(isError).length;
  if (errors === 0) return "";
  const count = errors === 1 ? l10n.t("1 problem") : l10n.t("{0} problems", errors);
  return state === "running" && isOutdated ? ` (${l10n.t("{0}; what ran before runs on", count)})` : `, ${count}`;
};

/** `8080`, `8080, 8081`, `8080 +3`: what a client needs to know, as short as it can be. */
export const portsOf = (listeners: readonly Pick<ListenerStatus, "url">[]): string => {
  const ports = listeners.map(({ url }) => new URL(url).port || (url.startsWith("https:") ? "443" : "80"));
  return ports.length > 2 ? `${ports[0]} +${ports.length - 1}` : ports.join(", ");
};

const addressesOf = ({ listeners, routes }: ProxyStatus, l10n: Words): readonly AddressReport[] =>
  listeners.flatMap((listener) => routes
    .filter((route) => route.listeners.includes(listener.name))
    .map((route) => ({ url: baseUrlOf(listener, route), about: aboutOf(listener, route, l10n) })));

/** What a client is told to put before the endpoints of a route's protocols. */
export const baseUrlOf = ({ url }: Pick<ListenerStatus, "url">, { path }: Pick<RouteStatus, "path">): string => `${url}${path === "/" ? "" : path}`;

const aboutOf = ({ state, insteadOf }: ListenerStatus, { protocols, needsKey }: RouteStatus, l10n: Words): string => [
  ...protocols,
  needsKey ? l10n.t("with a key") : l10n.t("no key"),
  ...(insteadOf === undefined ? [] : [l10n.t("because port {0} is taken", insteadOf)]),
  ...(state === "waiting" ? [l10n.t("waits for its port")] : []),
].join(", ");

const factsOf = ({ models, figures }: ProxyStatus, l10n: Words): readonly Fact[] => {
  const { requests, active, connections, errorRate, duration, timeToFirstToken } = figures;
  const pace = duration.sinceStart.count === 0 ? l10n.t("none yet")
    : l10n.t("{0} mean, {1} to the first token", renderMs(duration.sinceStart.mean), renderMs(timeToFirstToken.sinceStart.mean));
  return [
    { label: l10n.t("Models"), value: renderModels(models, l10n) },
    { label: l10n.t("Requests"), value: String(requests) },
    { label: l10n.t("Active"), value: String(active) },
    { label: l10n.t("Connections"), value: String(connections) },
    { label: l10n.t("Errors"), value: `${(errorRate * 100).toFixed(1)} %` },
    { label: l10n.t("Latency"), value: pace },
  ];
};

const maxModels = 6;

const renderModels = (models: readonly string[], l10n: Words): string => {
  const named = models.map((name) => (name === "*" ? l10n.t("every other name") : name));
  const shown = named.length === 1 && models[0] === "*" ? [l10n.t("every model of VS Code, by its own name")] : named.slice(0, maxModels);
  return named.length > maxModels ? l10n.t("{0} and {1} more", shown.join(", "), named.length - maxModels) : shown.join(", ");
};

const renderMs = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
