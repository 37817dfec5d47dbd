import type { IncomingMessage, ServerResponse } from "node:http";
import type { Framing } from "../protocols/framing.ts";
import type { Exchange, Reply } from "../policies/policy.ts";
import type { Clock } from "../services.ts";
import { NodeExchange } from "./node-exchange.ts";
import type { Responder, Sink } from "./responder.ts";

/** One request over a socket: what policies see of it, and the way back. */
export interface NodeDoor {
  readonly exchange: Exchange;
  readonly responder: Responder;
}

/** Node's own request and response as a door: a stream's text goes straight to the socket, through no other layer. */
export const openNodeDoor = (request: IncomingMessage, response: ServerResponse, id: string, clock: Clock): NodeDoor => {
  const exchange = new NodeExchange(request, id);
  // It comes once; `once` would take the listener off again, which costs more than the call.
  response.on("close", () => exchange.end(response.writableFinished));
  return { exchange, responder: new NodeResponder(response, exchange, clock) };
};

/** A class, because a getter in an object literal would give each request a hidden class of its own, which V8 keeps for long. */
class NodeResponder implements Responder {
  readonly #response: ServerResponse;
  readonly #exchange: Exchange;
  readonly #clock: Clock;

  constructor(response: ServerResponse, exchange: Exchange, clock: Clock) {
    this.#response = response;
    this.#exchange = exchange;
    this.#clock = clock;
  }

  get hasStarted(): boolean {
    return this.#response.headersSent;
  }

  send({ status, headers, body }: Reply): void {
    this.#exchange.record.status = status;
    const all: Record<string, string | number> = { ...this.#exchange.responseHeaders, ...headers };
    const length = Buffer.byteLength(body);
    // An answer without content has no length either. @see RFC 9110 section 8.6
    if (status !== 204) all["content-length"] = length;
    this.#response.writeHead(status, all);
    this.#response.end(body, encodingOf(body, length));
    letGoUnlessTaken(this.#response, this.#clock);
  }

  open(framing: Framing, headers: Readonly<Record<string, string>>): Sink {
    this.#exchange.record.status = 200;
    this.#response.writeHead(200, { ...this.#exchange.responseHeaders, ...headers, "content-type": framing.contentType, "cache-control": "no-cache" });
    return createNodeSink(this.#response, framing, this.#clock);
  }

  abort(): void {
    this.#response.destroy();
  }
}

/** The same bytes at less cost where every character is one. */
const encodingOf = (text: string, byteLength: number): "latin1" | "utf8" => (byteLength === text.length ? "latin1" : "utf8");

const createNodeSink = (response: ServerResponse, framing: Framing, clock: Clock): Sink => {
  let waiting = "";
  const take = (): string => {
    const text = waiting;
    waiting = "";
    return text;
  };
  return {
    emit(data, event) {
      waiting += framing.frame(data, event);
    },
    flush() {
      const text = take();
      return text === "" || response.write(text, encodingOf(text, Buffer.byteLength(text))) ? undefined : drained(response);
    },
    keepAlive() {
      if (framing.keepAlive !== undefined) response.write(framing.keepAlive);
    },
    end() {
      const text = take();
      response.end(text, encodingOf(text, Buffer.byteLength(text)));
      letGoUnlessTaken(response, clock);
    },
  };
};

/** What the system takes from us at once. An answer that has ended with more than this left has a client that does not read. */
const untakenBytes = 16_384;
const takeWithinMs = 60_000;

/** A client that does not read the rest of its answer may not keep what its request holds for ever. */
const letGoUnlessTaken = (response: ServerResponse, clock: Clock): void => {
  if (response.writableLength < untakenBytes) return;
  response.on("close", clock.after(takeWithinMs, () => response.destroy()));
};

/** Settles on `drain`, or on `close`: a client that has left never drains. */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
