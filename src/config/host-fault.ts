import { isIP, isIPv4 } from "node:net";
import { quoted } from "./problem.ts";
import type { Words } from "./syntax-words.ts";

/** Whether something can listen under this text, as far as the text tells. */
export const isHost = (text: string): boolean =>
  isIP(text) !== 0 || (/^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text) && hostFault(text) === undefined);

/**
 * Why nothing can listen on a host that has the looks of an address or a name, and what to write instead; absent = it is
 * one. @param host as the schema allows it
 */
export const hostFault = (host: string): Words | undefined => {
  if (isIP(host) !== 0) return undefined;
  if (host.includes(":")) return portFault(host) ?? { message: `${quoted(host)} is no IPv6 address.`, hint: "Write \"::1\" for this machine alone, or \"::\" for all of its addresses." };
  return looksLikeIPv4(host) ? ipv4Fault(host) : nameFault(host);
};

/** `127.0.0.1:9000` */
const portFault = (host: string): Words | undefined => {
  const [address = "", port = "", ...others] = host.split(":");
  if (others.length > 0 || !looksLikeIPv4(address) || !/^\d{1,5}$/.test(port)) return undefined;
  const ports = Number(port) > 65_535 ? "a port up to 65535 under ports:" : `ports: ${port}`;
  return { message: "A host is an address alone, without a port.", hint: `Write host: ${isIPv4(address) ? address : "127.0.0.1"} and ${ports}.` };
};

/** Its last part is a number, which no name has: 127.1 and 0x7f.1 are addresses to some programs and names to others. @see WHATWG URL, "ends in a number" */
const looksLikeIPv4 = (host: string): boolean => /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(host);

const ipv4Fault = (host: string): Words => {
  const meant = URL.parse(`http://${host}`)?.hostname;
  return meant === undefined
    ? { message: `${quoted(host)} is no IPv4 address: it has four numbers from 0 to 255.`, hint: "Write for example 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses." }
    : { message: `${quoted(host)} is not the usual form of an IPv4 address: that has four numbers from 0 to 255.`, hint: `Write ${meant}, if that is meant.` };
};

/** @see RFC 1035 section 2.3.4 */
const nameFault = (host: string): Words | undefined =>
  (host.length <= 253 && host.split(".").every((label) => label !== "" && label.length <= 63) ? undefined
    : { message: `${quoted(host)} is no name that can be looked up.`, hint: "Write an address such as 127.0.0.1, or a name such as proxy.test." });
