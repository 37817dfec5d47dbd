import { defaults } from "./defaults.ts";
import type { AuthoredConfig, Listener } from "./generated/types.ts";
import type { FileSource } from "./file-source.ts";
import { hostsOverlap } from "./hosts.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./report.ts";
import { resolveTls } from "./resolve-tls.ts";
import type { ListenerConfig } from "./types.ts";
import { parseSize } from "./units.ts";

/** Every listener with its defaults. Reports sockets that would be in each other's way. */
export const resolveListeners = async (authored: AuthoredConfig, files: FileSource | undefined, report: Report): Promise<readonly ListenerConfig[]> => {
  const entries: readonly (readonly [string, Listener | null | undefined])[] = Object.entries(authored.listeners ?? defaults.file.listeners);
  const listeners = await Promise.all(entries.map(([name, listener]) => resolveListener(name, listener ?? {}, files, report)));
  reportOverlaps(listeners, report);
  return listeners;
};

const resolveListener = async (name: string, authored: Listener, files: FileSource | undefined, report: Report): Promise<ListenerConfig> => {
  const { host, ports, ifBusy, allowedHosts, maxBodySize } = { ...defaults.listener, ...authored };
  const tls = authored.tls && await resolveTls(authored.tls, ["listeners", name, "tls"], files, report);
  return {
    name,
    host,
    ports: [ports].flat(),
    allowedHosts: allowedHosts.map((allowed) => allowed.toLowerCase()),
    maxBodyBytes: parseSize(maxBodySize),
    ...(ifBusy === undefined ? {} : { ifBusy }),
    ...(tls === undefined ? {} : { tls }),
  };
};

interface Socket {
  readonly listener: string;
  readonly host: string;
}

/** The second of two that want the same port is the one to change. */
const reportOverlaps = (listeners: readonly ListenerConfig[], report: Report): void => {
  const taken = new Map<number, Socket[]>();
  for (const { name, host, ports } of listeners) {
    for (const [index, port] of ports.entries()) {
      const sockets = taken.get(port) ?? [];
      const first = port === 0 ? undefined : sockets.find((socket) => hostsOverlap(socket.host, host));
      if (first === undefined) taken.set(port, [...sockets, { listener: name, host }]);
      else report.value("error", pathOfPort(name, ports, index), overlapMessage(first, { listener: name, host }, port), "Give each listener a port of its own.");
    }
  }
};

const overlapMessage = (first: Socket, second: Socket, port: number): string => {
  if (first.listener === second.listener) return `Port ${port} stands here twice.`;
  const why = first.host === second.host ? "" : `: ${first.host} and ${second.host} overlap`;
  return `Listener "${first.listener}" has port ${port} already${why}.`;
};

const pathOfPort = (listener: string, ports: readonly number[], index: number): Path =>
  ports.length === 1 ? ["listeners", listener, "ports"] : ["listeners", listener, "ports", index];
