import { isIPv4, isIPv6 } from "node:net";

/** Whether only this machine can reach a socket on `host`. A name counts as reachable from elsewhere, but for `localhost`. */
export const isLoopback = (host: string): boolean => {
  const canonical = canonicalHost(host);
  return canonical === "localhost" || canonical === "::1" || (isIPv4(canonical) && canonical.startsWith("127."));
};

/** Whether two sockets on the same port would be in each other's way, or one would take what is meant for the other. */
export const hostsOverlap = (a: string, b: string): boolean => hostCovers(a, b) || hostCovers(b, a);

/** Whether a socket on `wide` takes what comes to `host`. */
export const hostCovers = (wide: string, host: string): boolean => covers(canonicalHost(wide), canonicalHost(host));

const covers = (wide: string, host: string): boolean => {
  // Node opens :: for IPv4 as well.
  if (wide === host || wide === "::") return true;
  if (wide === "0.0.0.0") return !isIPv6(host);
  return wide === "localhost" && isLoopback(host) && (host === "127.0.0.1" || host === "::1");
};

const canonicalHost = (host: string): string => {
  const lower = host.toLowerCase();
  // The address without zeros to skip, as URLs write it. One with a zone is no URL's and stays as it is.
  return isIPv6(lower) && !lower.includes("%") ? new URL(`http://[${lower}]`).hostname.slice(1, -1) : lower;
};
