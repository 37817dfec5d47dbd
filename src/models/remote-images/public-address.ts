import { BlockList, isIP } from "node:net";

/** Addresses of networks that are not the open internet. @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const notPublic = new BlockList();
for (const subnet of [
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]) addTo(notPublic, subnet, "ipv4");
// Tunnels and examples within what is public otherwise: an IPv4 address may hide in them.
for (const subnet of ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]) addTo(notPublic, subnet, "ipv6");

/** All that is given out for the open internet in IPv6; loopback, local, mapped and translated addresses lie outside. */
const global = new BlockList();
addTo(global, "2000::/3", "ipv6");

function addTo(list: BlockList, subnet: string, family: "ipv4" | "ipv6"): void {
  const [network = "", prefix = ""] = subnet.split("/");
  list.addSubnet(network, Number(prefix), family);
}

/** Whether an IP address is one of the open internet; false for what is no address. */
export const isPublicAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4: return !notPublic.check(address, "ipv4");
    // One with a zone is local by its nature.
    case 6: return !address.includes("%") && global.check(address, "ipv6") && !notPublic.check(address, "ipv6");
    default: return false;
  }
};
