/**
 * Where each protocol has its endpoints, below the path of a route. A test holds this equal to the protocols themselves,
 * which the configuration does not load.
 */
export const endpointPaths: Readonly<Record<string, readonly string[]>> = {
  "openai-chat": ["chat/completions", "completions", "embeddings", "models"],
};
