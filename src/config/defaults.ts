import type { AuthoredConfig, Defaults as RouteDefaults, Echo, Fail, Listener, Route, Timeout, Upstream } from "./generated/types.ts";

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
  },
  listener: { host: "127.0.0.1", ports: 8080, allowedHosts: [], maxBodySize: "20MiB" },
  upstream: { headers: {} },
  echo: { delay: 0, firstToken: 0, partBytes: 20 },
  fail: { after: 0 },
  defaults: { keepAlive: "15s" },
  timeout: { firstToken: "5m", idle: "2m", total: "10m" },
  route: { path: "/v1", protocols: ["openai-chat"] },
} as const satisfies DefaultsTable;

interface DefaultsTable {
  readonly file: Partial<Frozen<AuthoredConfig>>;
  readonly listener: Partial<Frozen<Listener>>;
  readonly upstream: Partial<Frozen<Upstream>>;
  readonly echo: Partial<Frozen<Echo>>;
  readonly fail: Partial<Frozen<Fail>>;
  readonly defaults: Partial<Frozen<RouteDefaults>>;
  readonly timeout: Required<Frozen<Timeout>>;
  readonly route: Partial<Frozen<Route>>;
}

type Frozen<T> = T extends object ? { readonly [Name in keyof T]: Frozen<T[Name]> } : T;
