import type { TlsCredentials } from "../listeners/bind.ts";
import type { IfBusy } from "../listeners/reconcile.ts";
import type { AliasOptions } from "../models/catalog.ts";
import type { UpstreamOptions } from "../models/openai-upstream/host.ts";
import type { LoggingOptions } from "../observability/log.ts";
import type { AuthOptions, KeyOptions } from "../policies/auth.ts";
import type { BodyLimitOptions } from "../policies/body-limit.ts";
import type { CorsOptions } from "../policies/cors.ts";
import type { OriginOptions } from "../policies/origin.ts";
import type { RouteRateLimitOptions } from "../policies/rate-limit.ts";
import type { RetryOptions } from "../policies/retry.ts";
import type { TimeoutOptions } from "../policies/timeout.ts";
import type { TrustedProxiesOptions } from "../policies/trusted-proxies.ts";
import type { HealthOptions } from "../routes/health.ts";
import type { MetricsOptions } from "../routes/metrics.ts";

/**
 * A configuration as all but `config/` sees it: every default filled in, every name resolved, durations in milliseconds,
 * sizes in bytes. Two files that mean the same give equal objects.
 */
export interface Config {
  readonly listeners: readonly ListenerConfig[];
  /** In the order of the file. */
  readonly models: readonly AliasConfig[];
  readonly keys: readonly KeyOptions[];
  readonly upstreams: readonly UpstreamOptions[];
  /** In the order of the file. */
  readonly routes: readonly RouteConfig[];
  readonly shutdown: ShutdownConfig;
  readonly logging: LoggingOptions;
  readonly metrics: MetricsOptions;
  readonly health: HealthOptions;
  /** Eight hexadecimal digits that change when the meaning does; secrets are in it only as hashes. */
  readonly generation: string;
}

export interface ListenerConfig extends OriginOptions, BodyLimitOptions, TrustedProxiesOptions {
  readonly name: string;
  readonly cors: CorsOptions;
  /** An address or a name, without brackets. */
  readonly host: string;
  /** As asked for; 0 = any free one. At least one, no number twice unless 0. */
  readonly ports: readonly number[];
  /** Absent = as usual where the proxy runs: `wait` in the editor, `fail` in a terminal. */
  readonly ifBusy?: IfBusy;
  /** Absent = plain HTTP. */
  readonly tls?: TlsConfig;
}

/** Written as JSON it shows a hash instead of its credentials. */
export interface TlsConfig extends TlsCredentials {
  /** Paths as written. */
  readonly certFile: string;
  readonly keyFile: string;
}

export type AliasConfig = AliasOptions;

export interface RouteConfig {
  readonly name: string;
  /** Starts with a slash; no slash at its end but for the root. */
  readonly path: string;
  /** Names of protocols, each in the registry. */
  readonly protocols: readonly string[];
  /** Names of listeners, each declared. */
  readonly listeners: readonly string[];
  /** Names of aliases; absent = all. */
  readonly models?: readonly string[];
  readonly auth: AuthOptions;
  readonly rateLimit: RouteRateLimitOptions;
  readonly timeout: TimeoutOptions;
  readonly retry: RetryOptions;
  /** How long a stream is silent before a keep-alive goes out; 0 = none. */
  readonly keepAliveMs: number;
}

export interface ShutdownConfig {
  /** How long answers that are under way may go on once the proxy is stopped. */
  readonly graceMs: number;
}
