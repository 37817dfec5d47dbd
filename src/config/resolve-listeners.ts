import { isIP } from "node:net";
import type { CorsOptions } from "../policies/cors.ts";
import { defaults } from "./defaults.ts";
import type { AuthoredConfig, Cors, Listener } from "./generated/types.ts";
import type { FileSource } from "./file-source.ts";
import { hostFault } from "./host-fault.ts";
import { hostsOverlap } from "./hosts.ts";
import { portFix } from "./port-fixes.ts";
import { quoted, type Path } from "./problem.ts";
import { refusedPorts } from "./refused-ports.ts";
import type { Report } from "./report.ts";
import { resolveTls } from "./resolve-tls.ts";
import type { ListenerConfig } from "./types.ts";
import { parseDuration, parseSize } from "./units.ts";

/** Every listener with its defaults. Reports sockets that would be in each other's way. */
export const resolveListeners = async (authored: AuthoredConfig, files: FileSource | undefined, report: Report): Promise<readonly ListenerConfig[]> => {
  const entries: readonly (readonly [string, Listener | null | undefined])[] = Object.entries(authored.listeners ?? defaults.file.listeners);
  const listeners = await Promise.all(entries.map(([name, listener]) => resolveListener(name, listener ?? {}, files, report)));
  reportRefusedPorts(listeners, report);
  reportOverlaps(listeners, report);
  return listeners;
};

const resolveListener = async (name: string, authored: Listener, files: FileSource | undefined, report: Report): Promise<ListenerConfig> => {
  const { host, ports, ifBusy, allowedHosts, trustedProxies, maxBodySize } = { ...defaults.listener, ...authored };
  const path = ["listeners", name];
  const fault = hostFault(host);
  if (fault !== undefined) report.value("error", [...path, "host"], fault.message, fault.hint);
  for (const [index, allowed] of allowedHosts.entries()) {
    if (hostFault(allowed) !== undefined) report.value("error", [...path, "allowedHosts", index], `${quoted(allowed)} is neither a name nor an address.`, "Write it without a port, such as proxy.test or 192.168.1.20: ports are not compared.");
  }
  if (parseSize(maxBodySize) === 0) report.value("error", [...path, "maxBodySize"], "No request fits into 0 bytes: every one would be refused.", `Write for example maxBodySize: ${defaults.listener.maxBodySize}, or remove it.`);
  const tls = authored.tls && await resolveTls(authored.tls, [...path, "tls"], files, report);
  return {
    name,
    host,
    ports: [ports].flat(),
    allowedHosts: allowedHosts.map((allowed) => allowed.toLowerCase()),
    trustedProxies: checkNetworks(trustedProxies, [...path, "trustedProxies"], report),
    cors: resolveCors(authored.cors ?? {}, [...path, "cors"], report),
    maxBodyBytes: parseSize(maxBodySize),
    ...(ifBusy === undefined ? {} : { ifBusy }),
    ...(tls === undefined ? {} : { tls }),
  };
};

/** Origins as browsers send them: in lower case, without the scheme's own port. */
const resolveCors = (authored: Cors, path: Path, report: Report): CorsOptions => {
  const { allowOrigins, allowHeaders, maxAge } = { ...defaults.cors, ...authored };
  for (const [index, origin] of allowOrigins.entries()) {
    if (!URL.canParse(origin)) report.value("error", [...path, "allowOrigins", index], `No page has the origin ${quoted(origin)}: its host or port is not valid.`, "Write for example https://app.test or http://localhost:3000.");
  }
  return {
    allowOrigins: [...new Set(allowOrigins.map(originOf))],
    ...(allowHeaders && { allowHeaders: allowHeaders.map((header) => header.toLowerCase()) }),
    maxAgeSeconds: Math.floor(parseDuration(maxAge) / 1000),
  };
};

const originOf = (written: string): string => URL.parse(written)?.origin ?? written;

/** Reports what has the looks of an address or a network and is none, such as 10.0.0.0/33. */
const checkNetworks = (networks: readonly string[], path: Path, report: Report): readonly string[] => {
  for (const [index, network] of networks.entries()) {
    const [address = "", bits = "0"] = network.split("/");
    const family = isIP(address);
    if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) {
      report.value("error", [...path, index], `${quoted(network)} is neither an address nor a network.`, "Write an address such as 192.168.1.2, or a network such as 10.0.0.0/8 or fd00::/8.");
    } else if (network.endsWith("/0")) {
      report.value("warning", [...path, index], "This believes everybody: each client can make up the address that its limits are counted by.", "Write the addresses of the proxies in front of this listener.");
    }
  }
  return networks;
};

interface Socket {
  readonly listener: string;
  readonly host: string;
}

const reportRefusedPorts = (listeners: readonly ListenerConfig[], report: Report): void => {
  for (const { name, ports } of listeners) {
    for (const [index, port] of ports.entries()) {
      if (refusedPorts.has(port)) report.value("error", pathOfPort(name, ports, index), `Port ${port} is another protocol's: browsers refuse it, and so does the listener.`, "Choose another, such as 8080.");
    }
  }
};

/** The second of two that want the same port is the one to change. */
const reportOverlaps = (listeners: readonly ListenerConfig[], report: Report): void => {
  const taken = new Map<number, Socket[]>();
  for (const { name, host, ports } of listeners) {
    for (const [index, port] of ports.entries()) {
      const sockets = taken.get(port) ?? [];
      const first = port === 0 ? undefined : sockets.find((socket) => hostsOverlap(socket.host, host));
      if (first === undefined) taken.set(port, [...sockets, { listener: name, host }]);
      else report.value("error", pathOfPort(name, ports, index), overlapMessage(first, { listener: name, host }, port), "Give each listener a port of its own.", (file) => [portFix(file, ["listeners", name, "ports", index], freePort(port, listeners))]);
    }
  }
};

/** The next one that the file does not ask for. */
const freePort = (port: number, listeners: readonly ListenerConfig[]): number => {
  const asked = new Set(listeners.flatMap(({ ports }) => ports));
  let free = port;
  while (asked.has(free) && free < 65_535) free += 1;
  return free;
};

const overlapMessage = (first: Socket, second: Socket, port: number): string => {
  if (first.listener === second.listener) return `Port ${port} stands here twice.`;
  const why = first.host === second.host ? "" : `: ${first.host} and ${second.host} overlap`;
  return `Listener "${first.listener}" has port ${port} already${why}.`;
};

const pathOfPort = (listener: string, ports: readonly number[], index: number): Path =>
  ports.length === 1 ? ["listeners", listener, "ports"] : ["listeners", listener, "ports", index];
