import { hostNotAllowed, originNotAllowed, severalHosts } from "../errors.ts";
import type { Exchange, ListenerPolicy, Peer } from "./policy.ts";

export interface OriginOptions {
  /** The listener's own host as configured: always accepted as a Host header. */
  readonly host: string;
  /** More names that a Host header may hold, lower case, without a port. */
  readonly allowedHosts: readonly string[];
  /** Web pages of these origins may ask, whatever their own name is. */
  readonly cors: { readonly allowOrigins: readonly string[] };
}

/** Whoever makes up a port for each request has them all looked at. */
const maxKnown = 100;

const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * Closes the listener to web pages. The Host header must be there once and be a name of this listener, else a page could
 * reach it under a name of its own (DNS rebinding), and so must the host of a target that is a whole address. An Origin
 * header must be the listener itself or listed, else any page could spend the user's quota. Ports of Host are not compared:
 * a tunnel may change them. Throws 403 `permission_denied`, 400 for two Hosts. @see RFC 9112 section 3.2
 */
export const origin = ({ host, allowedHosts, cors }: OriginOptions): ListenerPolicy => {
  const listed = new Set(cors.allowOrigins);
  const names = new Set([...loopbackNames, host.toLowerCase(), ...allowedHosts]);
  // Clients send the same header each time: what it names is worked out once.
  const known = new Set<string>();
  const isOwn = (hostHeader: string, { localAddress }: Peer): boolean => {
    const hostName = nameOf(hostHeader);
    // Both are empty for a Host that is none on a socket that is gone.
    if (!names.has(hostName)) return hostName !== "" && hostName === localAddress;
    if (known.size < maxKnown) known.add(hostHeader);
    return true;
  };
  return function originPolicy(exchange) {
    const { hostCount, targetHost } = exchange;
    if (hostCount > 1) throw severalHosts(hostCount);
    if (targetHost !== undefined && !isOwn(targetHost, exchange.peer)) throw hostNotAllowed(targetHost, "request target");
    const hostHeader = exchange.header("host") ?? "";
    if (!known.has(hostHeader) && !isOwn(hostHeader, exchange.peer)) throw hostNotAllowed(hostHeader);
    refuseForeignOrigin(exchange, hostHeader, listed);
  };
};

const refuseForeignOrigin = (exchange: Exchange, hostHeader: string, listed: ReadonlySet<string>): void => {
  const originHeader = exchange.header("origin");
  // A page that this listener served itself has an origin of the very name and port that it asks now.
  if (originHeader === undefined || originHeader === `http://${hostHeader}` || originHeader === `https://${hostHeader}`) return;
  if (listed.has(originHeader)) return;
  throw originNotAllowed(originHeader);
};

/** `example.test:8080` -> `example.test`, `[::1]:8080` -> `::1`; what is no host gives a name that matches nothing. */
const nameOf = (hostHeader: string): string => {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:/?#@[\]]+))(?::\d*)?$/.exec(hostHeader) ?? [];
  return (bracketed ?? plain ?? "").toLowerCase();
};
