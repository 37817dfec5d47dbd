import type { Exchange, ListenerPolicy, Reply } from "./policy.ts";

export interface CorsOptions {
  /** Origins whose web pages may ask, such as `https://app.test`, exactly as browsers send them. */
  readonly allowOrigins: readonly string[];
  /** Headers that they may send; absent = whichever they ask for. */
  readonly allowHeaders?: readonly string[];
  /** How long a browser may remember that it may. */
  readonly maxAgeSeconds: number;
}

const methods = "GET, POST, DELETE";

/**
 * Lets web pages of listed origins read answers, also from a page that is not on this machine's network, and answers their
 * preflights. Whoever is not listed has been refused before this. Errors carry the headers too: a page is to see why.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol and https://wicg.github.io/private-network-access
 */
export const cors = ({ cors: { allowOrigins, allowHeaders, maxAgeSeconds } }: { readonly cors: CorsOptions }): ListenerPolicy => {
  const listed = new Set(allowOrigins);
  return function corsPolicy(exchange) {
    const { responseHeaders } = exchange;
    responseHeaders["vary"] = "origin";
    const origin = exchange.header("origin");
    if (origin === undefined || !listed.has(origin)) return undefined;
    responseHeaders["access-control-allow-origin"] = origin;
    // Keys travel in headers of their own and not as credentials of the browser, so that this may stand for all.
    responseHeaders["access-control-expose-headers"] = "*";
    return isPreflight(exchange) ? preflightReply(exchange, allowHeaders, maxAgeSeconds) : undefined;
  };
};

const isPreflight = (exchange: Exchange): boolean =>
  exchange.method === "OPTIONS" && exchange.header("access-control-request-method") !== undefined;

const preflightReply = (exchange: Exchange, allowHeaders: readonly string[] | undefined, maxAgeSeconds: number): Reply => {
  const asked = exchange.header("access-control-request-headers");
  const allowed = allowHeaders?.join(", ") ?? asked;
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": methods,
      ...(allowed === undefined || allowed === "" ? {} : { "access-control-allow-headers": allowed }),
      "access-control-max-age": String(maxAgeSeconds),
      ...(exchange.header("access-control-request-private-network") === "true" ? { "access-control-allow-private-network": "true" } : {}),
    },
    body: "",
  };
};
