import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { bind, type Address } from "./bind.ts";
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

/**
 * Binds exactly this host and port, or throws `BindError`. Until the first `switch`, requests that come in wait.
 */
export const openListener = async (address: Address): Promise<Listener> => {
  const gate = createGate();
  const sockets = createWebSockets(gate.current);
  const server = await bind(address, { request: gate.handle, upgrade: sockets.upgrade });
  const connections = watchConnections(server);
  // Longer than the pools of common clients keep a connection: the side that closes first must not be ours, or a request
  // that is just being sent is lost.
  server.keepAliveTimeout = 75_000;
  const { port } = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const stopAccepting = (): void => {
    if (!server.listening) return;
    connections.drain();
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
        connections.destroy();
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
}

/** Hands requests to the current app; before there is one, they wait. */
const createGate = (): Gate => {
  let app: App | undefined;
  const first = Promise.withResolvers<App>();
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    void (app?.handle(request, response) ?? first.promise.then((opened) => opened.handle(request, response)));
  return {
    handle,
    current: async () => app ?? first.promise,
    switch(next) {
      app = next;
      first.resolve(next);
    },
  };
};
