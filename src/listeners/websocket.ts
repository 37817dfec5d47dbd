import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { BodyRoom } from "../services.ts";

/** What upgrades and open WebSockets need of the current app. */
export interface WebSocketApp {
  /** Decides whether a WebSocket may be opened, how large a frame of it may be, and which sub-protocol it answers with. */
  upgrade(request: IncomingMessage): Promise<{ readonly refusal: Refusal } | Admitted>;
  /** Answers one frame. */
  receive(text: string, socket: OpenSocket): void;
}

export interface Admitted {
  readonly maxFrameBytes: number;
  readonly subprotocol?: string;
  /** Where a frame finds room until it has come whole; absent = nobody counts. */
  readonly room?: BodyRoom;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OpenSocket {
  readonly request: IncomingMessage;
  send(text: string): void;
  drained(): Promise<void> | undefined;
  readonly running: Map<string, () => void>;
}

/** The WebSockets of one listener. */
export interface WebSockets {
  /** For Node's `upgrade` event. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Closes each socket as soon as nothing of it is being answered. @see RFC 6455 section 7.4.1, code 1001 */
  drain(): void;
  /** Closes every socket, whatever is being answered. The connections themselves are left to somebody else. */
  end(): void;
}

export const createWebSockets = (current: () => Promise<WebSocketApp>): WebSockets => {
  const open = new Map<WebSocket, RunningRequests>();
  let isDraining = false;
  const close = (socket: WebSocket): void => socket.close(1001, "The listener is closing.");
  const closeIfIdle = (socket: WebSocket, running: RunningRequests): void => {
    if (isDraining && running.size === 0) close(socket);
  };
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // Until the handshake nobody else listens, and a client that leaves would end the process.
    socket.on("error", () => socket.destroy());
    const decision = await (await current()).upgrade(request);
    if ("refusal" in decision) return refuse(socket, decision.refusal);
    const { WebSocketServer } = await import("ws");
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: decision.maxFrameBytes,
      // By itself ws answers with the first that is offered, which may be a key.
      handleProtocols: () => decision.subprotocol ?? false,
    });
    server.handleUpgrade(request, socket, head, (opened) => {
      const running = new RunningRequests(() => closeIfIdle(opened, running));
      open.set(opened, running);
      serve(opened, request, running, current);
      if (decision.room !== undefined) countFrames(opened, socket, decision.maxFrameBytes, decision.room);
      opened.once("close", () => open.delete(opened));
      closeIfIdle(opened, running);
    });
  };
  return {
    upgrade: (request, socket, head) => void upgrade(request, socket, head).catch(() => socket.destroy()),
    drain() {
      isDraining = true;
      for (const [socket, running] of open) closeIfIdle(socket, running);
    },
    end() {
      for (const socket of open.keys()) close(socket);
    },
  };
};

const serve = (socket: WebSocket, request: IncomingMessage, running: RunningRequests, current: () => Promise<WebSocketApp>): void => {
  const openSocket: OpenSocket = {
    request,
    running,
    send: (text) => socket.send(text),
    drained: () => (socket.bufferedAmount < maxBufferedBytes ? undefined : drained(socket)),
  };
  socket.on("message", (data, isBinary) => {
    // Every frame meets the configuration that is in force when it comes.
    // A text frame is a buffer of UTF-8, which ws has checked.
    if (!isBinary) void current().then((app) => app.receive((data as Buffer).toString("utf8"), openSocket));
    else socket.close(1003, "Send text frames: request bodies as JSON.");
  });
  // A frame that is too large or no UTF-8: ws closes the socket with the code that says so.
  socket.on("error", () => {});
  socket.once("close", () => {
    for (const stop of running.values()) stop();
  });
};

/** A frame waits in memory for its end, as a body does. One that has to make way ends its socket. @see RFC 6455 section 7.4, code 1013 */
const countFrames = (opened: WebSocket, socket: Duplex, maxFrameBytes: number, room: BodyRoom): void => {
  const makeWay = (): void => {
    opened.close(1013, "Too much is being sent at once: try again later.");
    // One turn later, so that the last frame leaves first; nobody waits for an answer to it.
    setImmediate(() => opened.terminate());
  };
  let place = room.enter(maxFrameBytes, makeWay);
  socket.on("data", (chunk: Buffer) => place.grow(chunk.length));
  opened.on("message", () => {
    place.leave();
    place = room.enter(maxFrameBytes, makeWay);
  });
  opened.once("close", () => place.leave());
};

/** What may wait in the process for a client that reads slowly. */
const maxBufferedBytes = 65_536;

/** Settles when the last frame has left for the system's own buffer, or the socket is closed. */
const drained = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off("close", done);
      resolve();
    };
    socket.on("close", done);
    socket.ping(undefined, undefined, done);
  });

/** The requests of one socket that are being answered; tells when the last is done. */
class RunningRequests extends Map<string, () => void> {
  readonly #onIdle: () => void;

  constructor(onIdle: () => void) {
    super();
    this.#onIdle = onIdle;
  }

  override delete(name: string): boolean {
    const isDeleted = super.delete(name);
    if (this.size === 0) this.#onIdle();
    return isDeleted;
  }
}

/** Answers an upgrade with a plain response and closes the connection. */
const refuse = (socket: Duplex, { status, headers, body }: Refusal): void => {
  const all = { ...headers, "content-length": String(Buffer.byteLength(body)), "connection": "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}\r\n${body}`);
};
