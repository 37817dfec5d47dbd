import { sha256 } from "../config/references.ts";
import type { Path } from "../config/problem.ts";

/** The user's settings that say what a window serves in which no folder has a file; by their names below `llmProxy`. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly additionalPorts: readonly number[];
  /** Empty = none is asked for. */
  readonly apiKey: string;
  /** Requests that one client address may make in a minute; 0 = any number. */
  readonly rateLimit: number;
  /** Seconds that one request may take in all; 0 = any. */
  readonly requestTimeout: number;
}

/** What the settings say, in the words of a `.llmproxy.yaml`: they mean what that file would. Their key is in it as a hash. */
export const fileOfSettings = ({ host, port, additionalPorts, apiKey, rateLimit, requestTimeout }: Settings): string =>
  JSON.stringify({
    version: 1,
    listeners: { local: { host, ports: [...new Set([port, additionalPorts].flat())] } },
    ...(apiKey === "" ? {} : { keys: { settings: { hash: `sha256:${sha256(apiKey)}` } } }),
    defaults: { ...(rateLimit === 0 ? {} : { rateLimit: { requestsPerMinute: rateLimit, per: "ip" } }), timeout: { total: requestTimeout === 0 ? 0 : `${requestTimeout}s` } },
  }, null, 2);

/** The setting that a problem of that file is to be mended in. */
export const settingAt = (path: Path): string => {
  const [section, , property] = path;
  if (section === "defaults") return path[1] === "rateLimit" ? "llmProxy.rateLimit" : "llmProxy.requestTimeout";
  if (section === "keys") return "llmProxy.apiKey";
  if (property === "ports") return "llmProxy.port";
  return property === "host" ? "llmProxy.host" : "llmProxy";
};
