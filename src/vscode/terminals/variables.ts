import type { ListenerStatus, ProxyStatus, RouteStatus } from "../../proxy.ts";
import { baseUrlOf } from "../state/folder-report.ts";

/** Variables of a terminal, by name. */
export type Variables = Readonly<Record<string, string>>;

/**
 * What makes the clients in a terminal talk to a proxy: the variables that the vendors' own SDKs read.
 * @param key for the routes that ask for one; absent = the client brings its own
 */
export const variablesOf = (proxy: ProxyStatus, key: string | undefined): Variables => ({
  ...openAiVariables(placeOf(proxy, ["openai-chat", "openai-responses"]), key),
  ...anthropicVariables(placeOf(proxy, ["anthropic-messages"]), key),
});

interface Place {
  readonly baseUrl: string;
  readonly needsKey: boolean;
}

/** Where the first route that speaks one of these protocols is listening. */
const placeOf = ({ listeners, routes }: ProxyStatus, protocols: readonly string[]): Place | undefined => {
  const speaks = (route: RouteStatus, { name }: ListenerStatus): boolean => route.listeners.includes(name) && route.protocols.some((protocol) => protocols.includes(protocol));
  for (const listener of listeners.filter(({ state }) => state === "listening")) {
    const route = routes.find((candidate) => speaks(candidate, listener));
    if (route !== undefined) return { baseUrl: baseUrlOf({ url: reachable(listener.url) }, route), needsKey: route.needsKey };
  }
  return undefined;
};

/** Every address of this machine is one to listen on, and none to connect to. */
const reachable = (url: string): string => url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");

const openAiVariables = (place: Place | undefined, key: string | undefined): Variables =>
  (place === undefined ? {} : { OPENAI_BASE_URL: place.baseUrl, ...(place.needsKey && key !== undefined ? { OPENAI_API_KEY: key } : {}) });

/** Anthropic's clients put `/v1` after what they are told; a route that does not end with it cannot be told to them. */
const anthropicVariables = (place: Place | undefined, key: string | undefined): Variables =>
  (place === undefined || !place.baseUrl.endsWith("/v1") ? {}
    : { ANTHROPIC_BASE_URL: place.baseUrl.slice(0, -"/v1".length), ...(place.needsKey && key !== undefined ? { ANTHROPIC_API_KEY: key } : {}) });
