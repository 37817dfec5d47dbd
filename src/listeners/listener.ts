import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { listen } from "listhen";
import { createWebSockets, type WebSocketApp, type WebSockets } from "./websocket.ts";

/** What a listener knows of the rest of the proxy. */
export interface App extends WebSocketApp {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface Address {
  /** An IP address or a name, without brackets. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
}

/** One bound socket. Its app can be switched under live connections. */
export interface Listener {
  /** The port that was bound, and an address that clients can use. */
  readonly port: number;
  readonly url: string;
  /** From now on requests go to `app`; those in flight end on the one that they began with. */
  switch(app: App): void;
  /** Lets go of the port at once. What is in flight goes on; its connections close when it is done. */
  stopAccepting(): void;
  /**
   * Stops accepting and waits for what is in flight, `graceMs` at most; then breaks it off.
   * Settles when no connection is left.
   */
  close(graceMs: number): Promise<void>;
}

/** Why a socket could not be bound. `code` is the system's: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND. */
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
};

/**
 * Binds exactly this host and port, or throws `BindError`. Until the first `switch`, requests that come in wait.
 */
export const openListener = async (address: Address): Promise<Listener> => {
  const gate = createGate();
  const sockets = createWebSockets(gate.current);
  const server = await bind(address, gate.handle, sockets.upgrade);
  // Longer than the pools of common clients keep a connection: the side that closes first must not be ours, or a request
  // that is just being sent is lost.
  server.keepAliveTimeout = 75_000;
  const { port } = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const stopAccepting = (): void => {
    if (!server.listening) return;
    server.close();
    // A connection is idle only some moments after its answer has left, and then nobody would look at it again.
    gate.drain(() => server.closeIdleConnections());
    sockets.drain();
  };
  return {
    port,
    url: `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${port}`,
    switch: gate.switch,
    stopAccepting,
    async close(graceMs) {
      stopAccepting();
      const deadline = setTimeout(() => {
        server.closeAllConnections();
        sockets.terminate();
      }, graceMs);
      await closed;
      clearTimeout(deadline);
    },
  };
};

interface Gate {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly switch: (app: App) => void;
  /** The app as it is now; before there is one, waits for it. */
  readonly current: () => Promise<App>;
  /** From now on answers end their connections, and `onIdle` runs after each. */
  readonly drain: (onIdle: () => void) => void;
}

/** Hands requests to the current app; before there is one, they wait. */
const createGate = (): Gate => {
  let app: App | undefined;
  let onIdle: (() => void) | undefined;
  const first = Promise.withResolvers<App>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (onIdle !== undefined) response.shouldKeepAlive = false;
    await (app ?? await first.promise).handle(request, response);
    if (onIdle !== undefined) setImmediate(onIdle);
  };
  return {
    handle: (request, response) => void handle(request, response),
    current: async () => app ?? first.promise,
    switch(next) {
      app = next;
      first.resolve(next);
    },
    drain(callback) {
      onIdle = callback;
      setImmediate(onIdle);
    },
  };
};

/**
 * listhen with none of its defaults: it would take another port when this one is busy, all interfaces in a container, port
 * 3000 for a port that browsers refuse, and end the process on a signal. What it bound is compared with what was asked.
 */
const bind = async ({ host, port }: Address, handle: Gate["handle"], upgrade: WebSockets["upgrade"]): Promise<Server> => {
  const failure = watchForBindError(handle);
  try {
    const listening = listen(handle, {
      hostname: host,
      // An empty range, from 1 to 0: no other port than the one that was asked for.
      port: { port, random: port === 0, alternativePortRange: [1, 0] },
      isProd: true,
      isTest: true,
      public: isAnyAddress(host),
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
    const bound = server.address() as AddressInfo;
    if (port === 0 || bound.port === port) return server;
    server.close();
    throw new BindError("EUNSAFE", { host, port });
  } catch (error) {
    throw error instanceof BindError ? error : new BindError(await bindCode({ host, port }, error), { host, port }, error);
  } finally {
    failure.stop();
  }
};

const isAnyAddress = (host: string): boolean => host === "0.0.0.0" || host === "::";

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
