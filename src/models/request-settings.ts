import type { ChatRequest, JsonObject, Sampling } from "../chat/request.ts";

/** What an alias says about the requests that it answers; each that is there. */
export interface RequestSettings {
  readonly sampling: Sampling;
  readonly maxOutputTokens?: number;
  /** Empty = none. */
  readonly stopSequences?: readonly string[];
  /** In the spelling of the servers that know them. */
  readonly extraOptions: JsonObject;
}

/** `defaults` are set where the request has nothing, `overrides` whatever it has. */
export interface AliasSettings {
  readonly defaults?: RequestSettings;
  readonly overrides?: RequestSettings;
}

/** The request as the alias wants it. One without settings is left as it is. */
export const withSettings = (request: ChatRequest, { defaults, overrides }: AliasSettings): ChatRequest => {
  if (defaults === undefined && overrides === undefined) return request;
  const { maxOutputTokens: askedTokens, stopSequences: askedStops, extraOptions: askedExtras, ...asked } = request;
  const maxOutputTokens = overrides?.maxOutputTokens ?? askedTokens ?? defaults?.maxOutputTokens;
  const stopSequences = overrides?.stopSequences ?? askedStops ?? defaults?.stopSequences ?? [];
  const extraOptions = { ...defaults?.extraOptions, ...askedExtras, ...overrides?.extraOptions };
  return {
    ...asked,
    sampling: { ...defaults?.sampling, ...request.sampling, ...overrides?.sampling },
    // A host that cannot pass them on warns of them by these names.
    ignoredOptions: [...new Set([...request.ignoredOptions, ...Object.keys(extraOptions)])],
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stopSequences.length === 0 ? {} : { stopSequences }),
    ...(Object.keys(extraOptions).length === 0 ? {} : { extraOptions }),
  };
};
