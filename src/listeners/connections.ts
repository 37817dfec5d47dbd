import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** The connections of one server that has to stop without cutting an answer. Upgraded ones are not among them. */
export interface Connections {
  /**
   * The server lets go of its port at once. A connection closes as soon as it waits for nothing: now, or when its answer
   * has left whole.
   */
  drain(): void;
  /** Breaks every connection off. */
  destroy(): void;
}

interface Use {
  /** Requests that have come whole and whose answers have not left yet. */
  answering: number;
  /** Bytes that had come when the last answer left: any more are a request that is on its way. */
  heardBytes: number;
}

/**
 * Node's own `close()` takes an answer for delivered as soon as it was handed to the socket, and destroys the connection
 * under a client that is still reading. So the connections are watched here, and the server is closed as a plain one.
 */
export const watchConnections = (server: Server): Connections => {
  const uses = new Map<Socket, Use>();
  let isDraining = false;
  const closeIfIdle = (socket: Socket): void => {
    const use = uses.get(socket);
    if (use !== undefined && use.answering === 0 && socket.bytesRead === use.heardBytes) socket.destroySoon();
  };
  server.on("connection", (socket: Socket) => {
    uses.set(socket, { answering: 0, heardBytes: 0 });
    socket.once("close", () => uses.delete(socket));
  });
  server.on("upgrade", ({ socket }: IncomingMessage) => uses.delete(socket));
  // Before the app has a chance to send headers.
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    const use = uses.get(socket);
    if (use === undefined) return;
    use.answering += 1;
    if (isDraining) response.shouldKeepAlive = false;
    response.once("close", () => {
      use.answering -= 1;
      use.heardBytes = socket.bytesRead;
      if (isDraining) closeIfIdle(socket);
    });
  });
  return {
    drain() {
      isDraining = true;
      NetServer.prototype.close.call(server);
      // With all connections gone: now Node's own close cuts nothing and ends the timer that looks after slow requests.
      server.once("close", () => server.close());
      for (const socket of uses.keys()) closeIfIdle(socket);
    },
    destroy() {
      for (const socket of uses.keys()) socket.destroy();
    },
  };
};
