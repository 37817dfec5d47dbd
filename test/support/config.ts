import type { AliasConfig, Config, ListenerConfig, RouteConfig } from "../../src/config/types.ts";
import type { FailureKind } from "../../src/errors.ts";
import { defaultEchoOptions } from "../../src/models/echo.ts";
import type { EchoOptions, Target } from "../../src/models/host.ts";

/** A resolved configuration as most tests want it, with what this one wants different. */
export const configOf = (changes: Partial<Config> = {}): Config => ({
  listeners: [listenerOf()],
  models: [scripted("test"), echo("echo")],
  upstreams: [],
  keys: [],
  routes: [routeOf()],
  shutdown: { graceMs: 30_000 },
  logging: { level: "debug", content: false },
  metrics: { enabled: true, path: "/metrics" },
  health: { path: "/health" },
  generation: "00000001",
  ...changes,
});

export const listenerOf = (changes: Partial<ListenerConfig> = {}): ListenerConfig => ({
  name: "local",
  host: "127.0.0.1",
  ports: [0],
  allowedHosts: [],
  trustedProxies: [],
  cors: { allowOrigins: [], maxAgeSeconds: 600 },
  maxBodyBytes: 1024 * 1024,
  ...changes,
});

export const routeOf = (changes: Partial<RouteConfig> = {}): RouteConfig => ({
  name: "main",
  path: "/v1",
  protocols: ["openai-chat"],
  listeners: ["local"],
  auth: { accepts: "none" },
  rateLimit: { per: "ip" },
  timeout: { firstToken: { ms: 300_000 }, idle: { ms: 120_000 }, total: { ms: 600_000 } },
  // None: a test that fails a model on purpose does not want to move the clock for it.
  retry: { maxRetries: 0, backoffMs: 250, maxBackoffMs: 5000 },
  keepAliveMs: 15_000,
  ...changes,
});

/** An alias that the scripted host answers for. */
export const scripted = (name: string): AliasConfig => aliasOf(name, { kind: "selector", id: "scripted" });

/** An alias of the embedded model. */
export const echo = (name: string, options: Partial<EchoOptions> = {}): AliasConfig => aliasOf(name, echoTarget(options));

export const aliasOf = (name: string, ...targets: readonly Target[]): AliasConfig => ({ name, targets, fallbackOn: everyFailure });

/** The default of `fallbackOn`. */
export const everyFailure: readonly FailureKind[] = [401, 402, 403, 404, 408, 429, "5xx", "timeout", "network"];

export const echoTarget = (options: Partial<EchoOptions> = {}): Target => ({ kind: "echo", echo: { ...defaultEchoOptions, ...options } });
