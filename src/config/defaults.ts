import type { AuthoredConfig, Cors, Defaults as RouteDefaults, Echo, Fail, Health, Listener, Logging, LongAlias, Metrics, Retry, Route, Shutdown, Timeout, Upstream } from "./generated/types.ts";

/**
 * What is taken where a file says nothing, in the file's own words. One entry for each object of the schema that has literal
 * defaults; a test holds this equal to the schema's. Defaults that depend on other values are computed where they are resolved.
 */
export const defaults = {
  file: {
    listeners: { local: {} },
    models: { "*": "*" },
    upstreams: {},
    keys: {},
    defaults: {},
    routes: [{ path: "/v1", protocols: ["openai-chat"] }],
    shutdown: {},
    logging: {},
    metrics: {},
    health: {},
  },
  listener: { host: "127.0.0.1", ports: 8080, allowedHosts: [], trustedProxies: [], maxBodySize: "20MiB" },
  cors: { allowOrigins: [], maxAge: "10m" },
  upstream: { headers: {} },
  longAlias: { fallbackOn: [401, 402, 403, 404, 408, 429, "5xx", "timeout", "network"], listed: true },
  echo: { delay: 0, firstToken: 0, partBytes: 20 },
  fail: { after: 0 },
  defaults: { keepAlive: "15s" },
  timeout: { firstToken: "5m", idle: "2m", total: "10m" },
  retry: { maxRetries: 1, backoff: "250ms", maxBackoff: "5s" },
  route: { path: "/v1", protocols: ["openai-chat"] },
  shutdown: { grace: "30s" },
  logging: { level: "info", content: false },
  metrics: { enabled: true, path: "/metrics" },
  health: { path: "/health" },
} as const satisfies DefaultsTable;

interface DefaultsTable {
  readonly file: Partial<Frozen<AuthoredConfig>>;
  readonly listener: Partial<Frozen<Listener>>;
  readonly cors: Partial<Frozen<Cors>>;
  readonly upstream: Partial<Frozen<Upstream>>;
  readonly longAlias: Partial<Frozen<LongAlias>>;
  readonly echo: Partial<Frozen<Echo>>;
  readonly fail: Partial<Frozen<Fail>>;
  readonly defaults: Partial<Frozen<RouteDefaults>>;
  readonly timeout: Required<Frozen<Timeout>>;
  readonly retry: Required<Frozen<Retry>>;
  readonly route: Partial<Frozen<Route>>;
  readonly shutdown: Required<Frozen<Shutdown>>;
  readonly logging: Required<Frozen<Logging>>;
  readonly metrics: Required<Frozen<Metrics>>;
  readonly health: Required<Frozen<Health>>;
}

type Frozen<T> = T extends object ? { readonly [Name in keyof T]: Frozen<T[Name]> } : T;
