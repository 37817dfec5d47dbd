import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer, isIP, isIPv6, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { isUnsafePort } from "get-port-please";
import { listen } from "listhen";

export interface Address {
  /** An IP address or a name, without brackets. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
}

/** What Node calls for the requests of a server, and for its upgrades. */
export interface ServerHandlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Why a socket could not be bound. `code` is the system's, or one of EUNSAFE and EHOSTNAME of our own. */
export class BindError extends Error {
  override readonly name = "BindError";
  readonly code: string;
  constructor(code: string, address: Address, cause?: unknown) {
    super(`${address.host}:${address.port} cannot be listened on: ${bindReasons[code] ?? code}`, { cause });
    this.code = code;
  }
}

const bindReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken",
  EACCES: "this user may not use the port",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "the name has no address",
  EUNSAFE: "browsers refuse this port, and so does the listener",
  EHOSTNAME: "the host is neither an address nor a name of letters, digits, dots and dashes",
};

/** A server on exactly this host and port; throws `BindError`. */
export const bind = async (address: Address, handlers: ServerHandlers): Promise<Server> => {
  // listhen binds 3000 instead of these.
  if (isUnsafePort(address.port)) throw new BindError("EUNSAFE", address);
  // What listhen does not take for a host it replaces by localhost, in silence.
  if (!/^(?!-)[\d.:A-Za-z-]{1,63}(?<!-)$/.test(address.host)) throw new BindError("EHOSTNAME", address);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bindOnce(address, handlers);
    } catch (error) {
      const bindError = error instanceof BindError ? error : new BindError(await bindCode(address, error), address, error);
      // Any free port is looked for and then bound, and somebody may be faster.
      if (address.port !== 0 || attempt === 3) throw bindError;
    }
  }
};

/**
 * listhen with none of its defaults: it would take another port when this one is busy, all interfaces in a container, port
 * 3000 for a port that browsers refuse, and end the process on a signal. What it bound is compared with what was asked.
 */
const bindOnce = async (address: Address, { request, upgrade }: ServerHandlers): Promise<Server> => {
  const { host, port } = address;
  const failure = watchForBindError(request);
  try {
    const listening = listen(request, {
      hostname: host,
      // An empty range, from 1 to 0: no other port than the one that was asked for.
      port: { port, random: port === 0, alternativePortRange: [1, 0] },
      isProd: true,
      isTest: true,
      public: host === "0.0.0.0" || host === "::",
      showURL: false,
      open: false,
      clipboard: false,
      autoClose: false,
      https: false,
      // As a function it is the server's upgrade listener, with the socket in the middle, which its type leaves out.
      ws: upgrade as unknown as (request: IncomingMessage, head: Buffer) => void,
    });
    // It probes the port, then binds it. When the port is taken in between, its promise never settles.
    const { server } = await Promise.race([listening, failure.error]);
    if (isAsAsked(server.address() as AddressInfo, address)) return server;
    server.close();
    throw new BindError("EADDRNOTAVAIL", address);
  } finally {
    failure.stop();
  }
};

const isAsAsked = (bound: AddressInfo, { host, port }: Address): boolean =>
  (port === 0 || bound.port === port) && (isIP(host) === 0 || canonical(bound.address) === canonical(host));

/** `0:0:0:0:0:0:0:1` and `::1` are one address. */
const canonical = (address: string): string => (isIPv6(address) ? new URL(`http://[${address}]`).hostname : address);

/** Rejects when the server of `handle` fails to bind: listhen leaves that error to nobody, which would end the process. */
const watchForBindError = (handle: unknown): { error: Promise<never>; stop(): void } => {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onListen = (message: unknown): void => {
    const { server } = message as { server: Server };
    if (server.listeners("request").includes(handle as () => void)) server.on("error", reject);
  };
  subscribe("tracing:net.server.listen:asyncStart", onListen);
  return { error: promise, stop: () => void unsubscribe("tracing:net.server.listen:asyncStart", onListen) };
};

/** The system's word for why an address cannot be bound, which listhen does not pass on. */
const bindCode = ({ host, port }: Address, error: unknown): Promise<string> =>
  new Promise((resolve) => {
    const known = (error as { code?: unknown }).code;
    if (typeof known === "string") return resolve(known);
    const probe = createServer();
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "EUNKNOWN"));
    // Free now: it was taken a moment ago.
    probe.listen(port, host, () => probe.close(() => resolve("EADDRINUSE")));
  });
