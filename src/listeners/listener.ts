import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { Server as NetServer, type AddressInfo } from "node:net";
import { bind, BindError, hostPort, type Address, type TlsCredentials } from "./bind.ts";
import { watchConnections } from "./connections.ts";
import { createWebSockets, type WebSocketApp } from "./websocket.ts";

/** What a listener knows of the rest of the proxy. */
export interface App extends WebSocketApp {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** One bound socket. Its app can be switched under live connections. */
export interface Listener {
  /** The port that was bound, and an address that clients can use. */
  readonly port: number;
  readonly url: string;
  /** How many connections there are now. */
  readonly connectionCount: number;
  /** From now on requests go to `app`; those in flight end on the one that they began with. */
  switch(app: App): void;
  /** From now on new connections get this certificate. The credentials must have passed `checkCredentials`. */
  renew(tls: TlsCredentials): void;
  /** Lets go of the port at once, and of nothing else: connections go on as they were. */
  stopAccepting(): void;
  /** Takes the port again after `stopAccepting`. Throws `BindError` where somebody else was faster. */
  acceptAgain(): Promise<void>;
  /**
   * Stops accepting and lets what is there come to its end: each connection with its next answer, or when it has been idle
   * for as long as it was promised. Settles when none is left, after `limitMs` at most.
   */
  drain(limitMs: number): Promise<void>;
  /** The same without a promise to idle connections, and after `graceMs` for nobody. May follow a `drain`. */
  close(graceMs: number): Promise<void>;
}

/** Binds exactly this host and port, or throws `BindError`. Until the first `switch`, requests that come in wait. */
export const openListener = async (address: Address, tls?: TlsCredentials): Promise<Listener> => {
  const gate = createGate();
  const webSockets = createWebSockets(gate.current);
  const server = await bind(address, { request: gate.handle, upgrade: webSockets.upgrade, ...(tls === undefined ? {} : { tls }) });
  const connections = watchConnections(server);
  // Longer than the pools of common clients keep a connection, and told to them in a header: the side that closes first must
  // not be ours, or a request that is just being sent is lost.
  server.keepAliveTimeout = 75_000;
  const { port } = server.address() as AddressInfo;
  // Not the http server's own close, which ends idle connections and stops to look after slow ones.
  const stopAccepting = (): void => void NetServer.prototype.close.call(server);
  const breakOff = (): void => {
    webSockets.end();
    // One turn later, so that the last frame leaves first.
    setImmediate(connections.destroy);
  };
  const end = async (limitMs: number): Promise<void> => {
    // Before anything can end: the event comes even if there is no connection left to wait for.
    const ended = new Promise<void>((resolve) => server.once("close", resolve));
    connections.announceEnd();
    webSockets.drain();
    stopAccepting();
    const deadline = setTimeout(breakOff, Math.min(limitMs, maxTimerMs));
    await ended;
    clearTimeout(deadline);
    // Its own timer, which looks for slow requests, would live on.
    server.close();
  };
  return {
    port,
    url: `${tls === undefined ? "http" : "https"}://${hostPort(address.host, port)}`,
    get connectionCount() {
      return connections.count;
    },
    switch: gate.switch,
    renew: (renewed) => (server as HttpsServer).setSecureContext(renewed),
    stopAccepting,
    acceptAgain: () => listenAgain(server, { host: address.host, port }),
    drain: end,
    async close(graceMs) {
      const ended = end(graceMs);
      connections.endIdle();
      await ended;
    },
  };
};

/** What a timer can hold; beyond, it would be over at once. */
const maxTimerMs = 2 ** 31 - 1;

const listenAgain = (server: NetServer, address: Address): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(new BindError(error.code ?? "EUNKNOWN", address, error));
    server.once("error", fail);
    server.listen(address, () => {
      server.off("error", fail);
      resolve();
    });
  });

interface Gate {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly switch: (app: App) => void;
  /** The app as it is now; before there is one, waits for it. */
  readonly current: () => Promise<App>;
}

/** Hands requests to the current app; before there is one, they wait. */
const createGate = (): Gate => {
  let app: App | undefined;
  const first = Promise.withResolvers<App>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const handled = app?.handle(request, response) ?? first.promise.then((opened) => opened.handle(request, response));
    // An app answers its own failures. If it cannot, one broken connection is better than the end of the process.
    handled.catch(() => response.destroy());
  };
  return {
    handle,
    current: async () => app ?? first.promise,
    switch(next) {
      app = next;
      first.resolve(next);
    },
  };
};
