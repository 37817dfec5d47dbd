import type { IncomingMessage, ServerResponse } from "node:http";
import type { Framing } from "../protocols/framing.ts";
import type { Exchange, Reply } from "../policies/policy.ts";
import { NodeExchange } from "./node-exchange.ts";
import type { Responder, Sink } from "./responder.ts";

/** One request over a socket: what policies see of it, and the way back. */
export interface NodeDoor {
  readonly exchange: Exchange;
  readonly responder: Responder;
}

/** Node's own request and response as a door: a stream's text goes straight to the socket, through no other layer. */
export const openNodeDoor = (request: IncomingMessage, response: ServerResponse, id: string): NodeDoor => {
  const exchange = new NodeExchange(request, id);
  // It comes once; `once` would take the listener off again, which costs more than the call.
  response.on("close", () => exchange.end(response.writableFinished));
  return { exchange, responder: new NodeResponder(response, exchange) };
};

/** A class, because a getter in an object literal would give each request a hidden class of its own, which V8 keeps for long. */
class NodeResponder implements Responder {
  readonly #response: ServerResponse;
  readonly #exchange: Exchange;

  constructor(response: ServerResponse, exchange: Exchange) {
    this.#response = response;
    this.#exchange = exchange;
  }

  get hasStarted(): boolean {
    return this.#response.headersSent;
  }

  send({ status, headers, body }: Reply): void {
    this.#exchange.record.status = status;
    this.#response.writeHead(status, { ...this.#exchange.responseHeaders, ...headers, "content-length": Buffer.byteLength(body) });
    this.#response.end(body);
  }

  open(framing: Framing, headers: Readonly<Record<string, string>>): Sink {
    this.#exchange.record.status = 200;
    this.#response.writeHead(200, { ...this.#exchange.responseHeaders, ...headers, "content-type": framing.contentType, "cache-control": "no-cache" });
    return createNodeSink(this.#response, framing);
  }

  abort(): void {
    this.#response.destroy();
  }
}

const createNodeSink = (response: ServerResponse, framing: Framing): Sink => {
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
      return text === "" || response.write(text) ? undefined : drained(response);
    },
    keepAlive() {
      if (framing.keepAlive !== undefined) response.write(framing.keepAlive);
    },
    end() {
      response.end(take());
    },
  };
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
