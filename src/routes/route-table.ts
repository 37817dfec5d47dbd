import { methodNotAllowed, pathNotFound } from "../errors.ts";
import type { Catalog } from "../models/catalog.ts";
import type { Figures } from "../observability/figures.ts";
import type { LoggingOptions } from "../observability/log.ts";
import { auth, type AuthOptions, type KeyOptions } from "../policies/auth.ts";
import type { AskPolicy, RoutePolicy } from "../policies/policy.ts";
import type { RouteRateLimitOptions } from "../policies/rate-limit.ts";
import { askPolicy, routePolicies } from "../policies/registry.ts";
import type { ChatEndpoint, Endpoint, Protocol } from "../protocols/protocol.ts";
import { protocolNamed, protocols } from "../protocols/registry.ts";
import type { PolicyMemory, Services } from "../services.ts";
import { createJoin } from "./ask.ts";
import { createChatHandler, type AnswerOptions, type ChatHandlerOptions } from "./chat.ts";
import { createEmbedHandler } from "./embeddings.ts";
import { createHealthHandler, type Health, type HealthOptions } from "./health.ts";
import { createModelHandler, createModelListHandler } from "./info.ts";
import { createMetricsHandler, type MetricsOptions } from "./metrics.ts";
import type { Handler } from "./responder.ts";

export interface RouteOptions extends AnswerOptions {
  readonly name: string;
  /** Starts with a slash; none at its end but for the root. */
  readonly path: string;
  /** Names of protocols, each in the registry; at least one. */
  readonly protocols: readonly string[];
  /** Names of aliases; absent = all. */
  readonly models?: readonly string[];
  readonly auth: AuthOptions;
  readonly rateLimit: RouteRateLimitOptions;
}

export interface RouteTableOptions {
  /** The routes of one listener. */
  readonly routes: readonly RouteOptions[];
  readonly keys: readonly KeyOptions[];
  readonly catalog: Catalog;
  /** Eight hexadecimal digits, sent with every answer. */
  readonly generation: string;
  /** When this configuration took effect, in seconds since the epoch. */
  readonly createdSeconds: number;
  readonly health: HealthOptions;
  readonly metrics: MetricsOptions;
  readonly logging: LoggingOptions;
  readonly status: () => Health;
  /** All that those may know who may ask for anything here; with what `status` has. */
  readonly report: () => Promise<Health>;
  readonly figures: Figures;
  readonly memory: PolicyMemory;
  readonly services: Services;
}

/** What surrounds a handler: who may come in, and in whose words it is told that something is wrong. */
export interface Scope {
  /** Absent outside of all. */
  readonly route?: RouteOptions;
  readonly path: string;
  readonly protocols: readonly Protocol[];
  readonly policies: readonly RoutePolicy[];
  /** Whether clients of another API may come here too, who say so in a header: what goes wrong is then told in its shape. */
  readonly hasDialects: boolean;
}

/** One path, and what answers each method of it. */
export interface TableEntry {
  readonly path: string;
  readonly methods: ReadonlyMap<string, Handler>;
  readonly scope: Scope;
  /** What answers the frames of a WebSocket on this path; absent = none can be opened. */
  readonly frames?: ChatHandlerOptions;
}

/** Where no route reaches: errors in OpenAI's shape, which most clients can read. */
export const outside: Scope = { path: "/", protocols: protocols.slice(0, 1), policies: [], hasDialects: true };

/** The scope of a route. */
interface RouteScope extends Scope {
  readonly route: RouteOptions;
  readonly admit: AskPolicy | undefined;
}

export const scopesOf = ({ routes, keys, memory, services: { clock } }: RouteTableOptions): readonly RouteScope[] =>
  routes.map((route) => ({
    route,
    path: route.path,
    protocols: route.protocols.flatMap((protocol) => protocolNamed(protocol) ?? []),
    policies: routePolicies({ auth: route.auth, keys, clock }),
    hasDialects: true,
    admit: askPolicy({ route, keys, store: memory.limits, clock }),
  }));

/** Every path that is served. Where two protocols of a route share one, the first has it. */
export const tableOf = (scopes: readonly RouteScope[], options: RouteTableOptions): readonly TableEntry[] => {
  const entries = new Map<string, { path: string; methods: Map<string, Handler>; scope: Scope; frames?: ChatHandlerOptions }>();
  const add = (path: string, method: string, scope: Scope, handler: Handler, frames?: ChatHandlerOptions): void => {
    const entry = entries.get(path) ?? { path, methods: new Map<string, Handler>(), scope, ...(frames === undefined ? {} : { frames }) };
    if (!entry.methods.has(method)) entry.methods.set(method, handler);
    entries.set(path, entry);
  };
  // Before the routes: a route at / must not take them over.
  const { health, metrics, keys, figures, status, report } = options;
  const everyKey = auth({ accepts: keys.length === 0 ? "none" : keys.map(({ name }) => name) }, keys, options.services.clock);
  add(health.path, "GET", outside, createHealthHandler({ status, report }, keys.length === 0 ? "loopback" : everyKey));
  if (metrics.enabled) add(metrics.path, "GET", { ...outside, policies: [everyKey] }, createMetricsHandler(figures));
  for (const scope of scopes) {
    for (const protocol of scope.protocols) {
      for (const endpoint of protocol.endpoints) {
        // An error is told in the words of the protocol whose endpoint was asked.
        const spoken: Scope = { ...scope, protocols: [protocol], hasDialects: endpoint.kind === "models" || endpoint.kind === "model" };
        const path = under(scope.path, endpoint.kind === "model" ? `${endpoint.path}/**` : endpoint.path);
        const frames = endpoint.kind === "chat" && endpoint.acceptsWebSocket ? chatOptions(endpoint, scope, options) : undefined;
        add(path, endpoint.method, spoken, handlerOf(endpoint, scope, options), frames);
      }
    }
  }
  return [...entries.values()];
};

const chatOptions = (endpoint: ChatEndpoint, { route, admit }: Pick<RouteScope, "route" | "admit">, options: RouteTableOptions): ChatHandlerOptions =>
  ({ endpoint, ...route, ...options, admit, join: createJoin({ ...route, ...options }) });

const handlerOf = (endpoint: Endpoint, { route, admit }: RouteScope, options: RouteTableOptions): Handler => {
  switch (endpoint.kind) {
    case "chat": return createChatHandler(chatOptions(endpoint, { route, admit }, options));
    case "embed": return createEmbedHandler({ endpoint, ...route, ...options, admit });
    case "models": return createModelListHandler(endpoint, { ...route, ...options });
    case "model": return createModelHandler(endpoint, under(route.path, `${endpoint.path}/`), { ...route, ...options });
  }
};

export const servedPaths = (table: readonly TableEntry[]): readonly string[] =>
  table.flatMap(({ path, methods }) => [...methods.keys()].map((method) => `${method} ${path.replace("**", "{id}")}`));

/** One handler for a path, whatever the method. HEAD is GET without a body. */
export const byMethod = (methods: ReadonlyMap<string, Handler>): Handler =>
  function handleByMethod(exchange, responder) {
    const handler = methods.get(exchange.method === "HEAD" ? "GET" : exchange.method);
    if (handler === undefined) throw methodNotAllowed(exchange.path, [...methods.keys()].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])));
    return handler(exchange, responder);
  };

export const notFound = (served: readonly string[]): Handler =>
  function handleNotFound({ path }) {
    throw pathNotFound(path, served);
  };

/** `/v1` and `models` -> `/v1/models`; the root adds no second slash. */
export const under = (path: string, rest: string): string => `${path === "/" ? "" : path}/${rest}`;
