import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Server } from "./bind.ts";

/** The connections of one server that has to stop without cutting an answer. */
export interface Connections {
  /** How many there are now. */
  readonly count: number;
  /** From now on each answer that has not begun tells its client that it is the last on its connection. */
  announceEnd(): void;
  /** Ends each connection as soon as it waits for nothing: now, or when its answer has left whole. */
  endIdle(): void;
  /** Breaks every connection off. */
  destroy(): void;
}

interface Connection {
  /** Once it is secure, the socket that speaks TLS. */
  socket: Socket;
  readonly answers: Set<ServerResponse>;
  /** Bytes that had come when the last answer left: any more are a request that is on its way, or have opened a WebSocket. */
  heardBytes: number;
}

/**
 * Watches the connections of a server. Node's own `close()` takes an answer for delivered as soon as it was handed to the
 * socket, and destroys the connection under a client that is still reading; and it waits for ever for one that connected
 * ahead of need and never asks.
 */
export const watchConnections = (server: Server): Connections => {
  const connections = new Map<Socket, Connection>();
  const secured = new WeakMap<Socket, Connection>();
  let isLast = false;
  let endsIdle = false;
  const endIfIdle = ({ socket, answers, heardBytes }: Connection): void => {
    if (answers.size === 0 && socket.bytesRead === heardBytes) socket.destroySoon();
  };
  server.on("connection", (socket: Socket) => {
    connections.set(socket, { socket, answers: new Set(), heardBytes: 0 });
    socket.once("close", () => connections.delete(socket));
  });
  // A second socket on top of the first, which it does not name. Both have the same peer.
  server.on("secureConnection", (socket: Socket) => {
    const connection = [...connections.values()].find((candidate) => peerOf(candidate.socket) === peerOf(socket));
    if (connection === undefined) return;
    Object.assign(connection, { socket, heardBytes: socket.bytesRead });
    secured.set(socket, connection);
  });
  // Before the app has a chance to send headers.
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (isLast) response.shouldKeepAlive = false;
    const connection = connections.get(socket) ?? secured.get(socket);
    if (connection === undefined) return;
    connection.answers.add(response);
    // It comes once; `once` would take the listener off again, which costs more than the call.
    response.on("close", () => {
      connection.answers.delete(response);
      connection.heardBytes = connection.socket.bytesRead;
      if (endsIdle) endIfIdle(connection);
    });
  });
  return {
    get count() {
      return connections.size;
    },
    announceEnd() {
      isLast = true;
      for (const { answers } of connections.values()) for (const answer of answers) answer.shouldKeepAlive = false;
    },
    endIdle() {
      endsIdle = true;
      for (const connection of connections.values()) endIfIdle(connection);
    },
    destroy() {
      for (const { socket } of connections.values()) socket.destroy();
    },
  };
};

const peerOf = ({ remoteAddress, remotePort, localAddress }: Socket): string => `${remoteAddress} ${remotePort} ${localAddress}`;
