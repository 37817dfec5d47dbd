import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { lookup } from "node:dns/promises";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext } from "node:tls";
import { isUnsafePort } from "get-port-please";
import { listen } from "listhen";

export interface Address {
  /** An IP address or a name, without brackets. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
}

/** A certificate with its chain and the key to it, both as PEM. */
export interface TlsCredentials {
  readonly cert: string;
  readonly key: string;
}

export type Server = HttpServer | HttpsServer;

/** What Node calls for the requests of a server and for its upgrades, and what makes it a secure one. */
export interface BindOptions {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Absent = plain HTTP. */
  readonly tls?: TlsCredentials;
}

/** Why a socket could not be bound. `code` is the system's (EADDRINUSE, EACCES, ..) or one of ours: EUNSAFE, EHOSTNAME, ETLS. */
export class BindError extends Error {
  override readonly name = "BindError";
  readonly code: string;
  constructor(code: string, { host, port }: Address, cause?: unknown) {
    super(`${hostPort(host, port)} cannot be listened on: ${bindReasons[code] ?? code}`, { cause });
    this.code = code;
  }
}

const bindReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken",
  EACCES: "this user may not use the port",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "the name has no address",
  EUNSAFE: "browsers refuse this port, and so does the listener",
  EHOSTNAME: "the host is neither a name nor an address that clients can write",
  ETLS: "its certificate and key cannot be used",
};

/** `127.0.0.1:8080`, `[::1]:8080`. */
export const hostPort = (host: string, port: number): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/**
 * Listens on exactly this host and port, or throws `BindError`. A port that is found taken and is free a moment later, or
 * the other way round, is tried again: it belonged to somebody who was just looking.
 */
export const bind = async (address: Address, options: BindOptions): Promise<Server> => {
  if (address.port !== 0 && isUnsafePort(address.port)) throw new BindError("EUNSAFE", address);
  if (options.tls !== undefined) checkCredentials(options.tls, address);
  const ip = await addressOf(address);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bindOnce({ ...address, host: ip }, options);
    } catch (error) {
      const code = codeOf(error) ?? await askSystem({ ...address, host: ip });
      const isPassing = code === undefined || (address.port === 0 && code === "EADDRINUSE");
      if (!isPassing || attempt === maxAttempts) throw new BindError(code ?? "EADDRINUSE", address, error);
    }
  }
};

const maxAttempts = 3;

/** Whether a certificate and its key can be used at all. Throws `BindError` with ETLS. */
export const checkCredentials = (tls: TlsCredentials, address: Address): void => {
  try {
    // Left empty, they would be taken for "make some up".
    if (tls.cert === "" || tls.key === "") throw new Error("There is no certificate or no key.");
    createSecureContext(tls);
  } catch (error) {
    throw new BindError("ETLS", address, error);
  }
};

/** listhen takes only short names of certain letters for hosts, and listens on localhost for all others: it gets addresses. */
const addressOf = async (address: Address): Promise<string> => {
  if (/[^\w.:-]|^-/.test(address.host)) throw new BindError("EHOSTNAME", address);
  try {
    return (await lookup(address.host)).address;
  } catch (error) {
    throw new BindError(codeOf(error) ?? "ENOTFOUND", address, error);
  }
};

/**
 * listhen with none of its defaults: it would take another port when this one is busy, all interfaces in a container, port
 * 3000 for a port that browsers refuse, and end the process on a signal. What it bound is compared with what was asked.
 */
const bindOnce = async ({ host, port }: Address, { request, upgrade, tls }: BindOptions): Promise<Server> => {
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
      https: tls === undefined ? false : { cert: tls.cert, key: tls.key },
      // As a function it is the server's upgrade listener, with the socket in the middle, which its type leaves out.
      ws: upgrade as unknown as (request: IncomingMessage, head: Buffer) => void,
    });
    // It probes the port, then binds it. When the port is taken in between, its promise never settles.
    const { server } = await Promise.race([listening, failure.error]);
    if (port === 0 || (server.address() as AddressInfo).port === port) return server;
    server.close();
    throw new Error(`listhen took another port than ${port}.`);
  } finally {
    failure.stop();
  }
};

/** Rejects when the server of `handle` fails to bind: listhen leaves that error to nobody, which would end the process. */
const watchForBindError = (handle: unknown): { error: Promise<never>; stop(): void } => {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onListen = (message: unknown): void => {
    const { server } = message as { server: HttpServer };
    if (server.listeners("request").includes(handle as () => void)) server.on("error", reject);
  };
  subscribe("tracing:net.server.listen:asyncStart", onListen);
  return { error: promise, stop: () => void unsubscribe("tracing:net.server.listen:asyncStart", onListen) };
};

const codeOf = (error: unknown): string | undefined => {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
};

/** The system's word for why an address cannot be bound, which listhen does not pass on; absent = it can be, now. */
const askSystem = ({ host, port }: Address): Promise<string | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "EUNKNOWN"));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });

/** Whether a socket could be bound there now. */
export const isFree = async (address: Address): Promise<boolean> => !isUnsafePort(address.port) && await askSystem(address) === undefined;
