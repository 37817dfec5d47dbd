import type { RouteConfig } from "./types.ts";

/**
 * Where each protocol has its endpoints, below the path of a route. A test holds this equal to the protocols themselves,
 * which the configuration does not load.
 */
export const endpointPaths: Readonly<Record<string, readonly string[]>> = {
  "openai-chat": ["chat/completions", "completions", "embeddings", "models"],
};

/** Every path of a route's endpoints. */
export const endpointsOf = ({ path, protocols }: Pick<RouteConfig, "path" | "protocols">): readonly string[] =>
  protocols.flatMap((protocol) => endpointPaths[protocol] ?? []).map((endpoint) => `${path === "/" ? "" : path}/${endpoint}`);
