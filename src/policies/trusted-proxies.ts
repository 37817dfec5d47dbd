import { BlockList, isIP, isIPv6 } from "node:net";
import type { ListenerPolicy } from "./policy.ts";

export interface TrustedProxiesOptions {
  /** Addresses and networks (`10.0.0.0/8`) of proxies whose word on their client is taken. */
  readonly trustedProxies: readonly string[];
}

/**
 * Finds the client behind proxies: from the nearest hop outwards, each trusted one is believed about the one before it. The
 * first that is not trusted is the client, whatever it claims about others: a client can write into the header what it likes.
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
 */
export const trustedProxies = ({ trustedProxies: networks }: TrustedProxiesOptions): ListenerPolicy => {
  const trusted = new BlockList();
  for (const network of networks) add(trusted, network);
  const isTrusted = (address: string): boolean => isIP(address) !== 0 && trusted.check(address, familyOf(address));
  return function trustedProxiesPolicy(exchange) {
    const hops = (exchange.header("x-forwarded-for") ?? "").split(",");
    let { address } = exchange.peer;
    while (isTrusted(address)) {
      const next = addressIn(hops.pop() ?? "");
      if (next === undefined) break;
      address = next;
    }
    exchange.clientAddress = address;
  };
};

const add = (list: BlockList, network: string): void => {
  const [address = "", bits] = network.split("/");
  if (bits === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, Number(bits), familyOf(address));
};

const familyOf = (address: string): "ipv4" | "ipv6" => (isIPv6(address) ? "ipv6" : "ipv4");

/** An address as proxies write it, with or without a port; absent for what is none, such as `unknown`. */
const addressIn = (hop: string): string | undefined => {
  const text = hop.trim();
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|(\d[\d.]*))(?::\d+)?$/.exec(text) ?? [];
  return [text, bracketed, plain].find((candidate) => candidate !== undefined && isIP(candidate) !== 0)?.replace(/^::ffff:(?=\d+\.)/i, "");
};
