import { defaults } from "./defaults.ts";
import type { AuthoredConfig, Listener } from "./generated/types.ts";
import { hostsOverlap } from "./hosts.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./report.ts";
import type { ListenerConfig } from "./types.ts";
import { parseSize } from "./units.ts";

/** Every listener with its defaults. Reports sockets that would be in each other's way. */
export const resolveListeners = (authored: AuthoredConfig, report: Report): readonly ListenerConfig[] => {
  const listeners = Object.entries(authored.listeners ?? defaults.file.listeners).map(([name, listener]) => resolveListener(name, listener ?? {}));
  reportOverlaps(listeners, report);
  return listeners;
};

const resolveListener = (name: string, authored: Listener): ListenerConfig => {
  const { host, ports, allowedHosts, maxBodySize } = { ...defaults.listener, ...authored };
  return {
    name,
    host,
    ports: [ports].flat(),
    allowedHosts: allowedHosts.map((allowed) => allowed.toLowerCase()),
    maxBodyBytes: parseSize(maxBodySize),
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
