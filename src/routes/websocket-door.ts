import type { IncomingMessage } from "node:http";
import { invalidField, pathNotFound } from "../errors.ts";
import { answeredSubprotocol } from "../policies/auth.ts";
import type { Exchange, Reply } from "../policies/policy.ts";
import { isObject, optionalString } from "../protocols/fields.ts";
import type { BodyRoom, Services } from "../services.ts";
import { answerChat } from "./chat.ts";
import { parseJson } from "./json-body.ts";
import { NodeExchange } from "./node-exchange.ts";
import type { Handler, Responder, Sink } from "./responder.ts";
import { outside, type TableEntry } from "./route-table.ts";
import type { Answer } from "./serve.ts";

/** An open WebSocket, as far as its requests need it. */
export interface FrameSocket {
  /** The request that opened it: its headers are those of every frame. */
  readonly request: IncomingMessage;
  send(text: string): void;
  /** The promise, if there is one, settles when the client has read enough for more. */
  drained(): Promise<void> | undefined;
  /** What is being answered now, by the client's `request_id`; calling one stops it. Whoever closes the socket calls all. */
  readonly running: Map<string, () => void>;
}

export type Upgrade =
  | { readonly refusal: Reply }
  /** `subprotocol`: what the client is answered with, where it offered any. */
  | { readonly maxFrameBytes: number; readonly subprotocol?: string; readonly room?: BodyRoom };

export interface WebSocketDoor {
  /** Decides whether a WebSocket may be opened. */
  upgrade(request: IncomingMessage): Promise<Upgrade>;
  /** Answers one frame of an open WebSocket. */
  receive(text: string, socket: FrameSocket): void;
}

/**
 * The third door: an upgrade passes the policies of its path like a request, and so does each frame, on the configuration
 * that is in force when it comes. A frame is a request body; its answer is what a stream would carry, one event a frame.
 */
export const createWebSocketDoor = (table: readonly TableEntry[], answer: Answer, { newId }: Services): WebSocketDoor => {
  const entries = new Map(table.map((entry) => [entry.path, entry]));
  const entryAt = ({ path }: Exchange): TableEntry | undefined => entries.get(path);
  return {
    async upgrade(request: IncomingMessage): Promise<Upgrade> {
      const exchange = new NodeExchange(request, newId());
      const entry = entryAt(exchange);
      let upgrade: Upgrade = { maxFrameBytes: 0 };
      const accept: Handler = () => {
        // 404 and never 405: clients that prefer WebSockets take it for "there are none here" and go on without.
        if (entry?.frames === undefined) throw pathNotFound(exchange.path, []);
        const subprotocol = answeredSubprotocol(exchange);
        exchange.record.status = 101;
        upgrade = {
          maxFrameBytes: exchange.maxBodyBytes,
          ...(subprotocol === undefined ? {} : { subprotocol }),
          ...(exchange.bodyRoom === undefined ? {} : { room: exchange.bodyRoom }),
        };
      };
      await answer(accept, entry?.scope ?? outside, exchange, refusing((refusal) => void (upgrade = { refusal }), exchange));
      exchange.end(true);
      return upgrade;
    },
    receive(text: string, socket: FrameSocket): void {
      const exchange = new NodeExchange(socket.request, newId());
      const entry = entryAt(exchange);
      const frame = readFrame(text);
      if (frame.kind === "cancel") return socket.running.get(frame.requestId)?.();
      const name = frame.requestId ?? `unnamed ${exchange.id}`;
      const stop = (): void => exchange.end(false);
      const handler: Handler = async (_exchange, responder) => {
        if (entry?.frames === undefined) throw pathNotFound(exchange.path, []);
        if (frame.kind === "unreadable") throw frame.error;
        if (socket.running.has(name)) throw invalidField("request_id", "A request with this request_id is still being answered: give each its own.");
        socket.running.set(name, stop);
        const admission = await entry.frames.admit?.(exchange);
        const decoded = entry.frames.endpoint.decodeRequest(frame.body);
        await answerChat(entry.frames, { ...decoded, isStreamed: true }, admission, exchange, responder);
      };
      const responder = createFrameResponder(socket, frame.requestId, exchange);
      void answer(handler, entry?.scope ?? outside, exchange, responder).finally(() => {
        exchange.end(true);
        if (socket.running.get(name) === stop) socket.running.delete(name);
      });
    },
  };
};

type Frame =
  | { readonly kind: "request"; readonly requestId: string | undefined; readonly body: unknown }
  | { readonly kind: "cancel"; readonly requestId: string }
  | { readonly kind: "unreadable"; readonly requestId: undefined; readonly error: unknown };

/** A frame is `{"type": "cancel", "request_id": …}` or a request body, which may have a `request_id` beside its own fields. */
const readFrame = (text: string): Frame => {
  try {
    const body = parseJson(text);
    const requestId = isObject(body) ? optionalString(body, "request_id") : undefined;
    if (!isObject(body) || body["type"] !== "cancel") return { kind: "request", requestId, body };
    return { kind: "cancel", requestId: requestId ?? "" };
  } catch (error) {
    return { kind: "unreadable", requestId: undefined, error };
  }
};

/** Each event is a frame; each JSON frame repeats the client's `request_id`, so that several can be told apart. */
const createFrameResponder = (socket: FrameSocket, requestId: string | undefined, exchange: Exchange): Responder => {
  let hasStarted = false;
  const send = (data: string): void => socket.send(requestId !== undefined && data.startsWith("{") ? `{"request_id":${JSON.stringify(requestId)},${data.slice(1)}` : data);
  const sink: Sink = {
    emit: send,
    flush: () => socket.drained(),
    // A WebSocket has pings of its own, below the frames.
    keepAlive() {},
    end() {},
  };
  return {
    get hasStarted() {
      return hasStarted;
    },
    send({ status, body }) {
      exchange.record.status = status;
      send(body);
    },
    open() {
      hasStarted = true;
      exchange.record.status = 200;
      return sink;
    },
    abort() {},
  };
};

/** For an upgrade: nothing but a refusal can be sent before the socket is open. */
const refusing = (refuse: (refusal: Reply) => void, exchange: Exchange): Responder => ({
  hasStarted: false,
  send(reply) {
    exchange.record.status = reply.status;
    refuse({ ...reply, headers: { ...exchange.responseHeaders, ...reply.headers } });
  },
  open: () => {
    throw new Error("An upgrade is no stream.");
  },
  abort() {},
});
