import { bodiesTooLarge, bodyTooLarge } from "../errors.ts";
import type { Framing } from "../protocols/framing.ts";
import { createRecord, type Exchange, type Reply } from "../policies/policy.ts";
import type { Responder, Sink } from "./responder.ts";

/** A web `Request` as a door, for callers without a socket. `response` settles when a status is known. */
export interface WebDoor {
  readonly exchange: Exchange;
  readonly responder: Responder;
  readonly response: Promise<Response>;
}

export const openWebDoor = (request: Request, id: string): WebDoor => {
  const endings: (() => void)[] = [];
  const exchange = createWebExchange(request, id, endings);
  const end = (isComplete: boolean): void => {
    if (!isComplete) exchange.clientLeft = true;
    for (let ending = endings.pop(); ending !== undefined; ending = endings.pop()) ending();
  };
  request.signal.addEventListener("abort", () => end(false), { once: true });
  const { promise, resolve } = Promise.withResolvers<Response>();
  return { exchange, responder: createWebResponder(exchange, resolve, end), response: promise };
};

const createWebExchange = (request: Request, id: string, endings: (() => void)[]): Exchange & { clientLeft: boolean } => {
  const url = new URL(request.url);
  const record = createRecord();
  const exchange: Exchange & { clientLeft: boolean } = {
    id,
    method: request.method,
    path: url.pathname,
    // A Request may not carry a Host header of its own: it is in the URL.
    header: (name) => request.headers.get(name) ?? (name === "host" ? url.host : undefined),
    hostCount: 1,
    peer: { address: "127.0.0.1", localAddress: "127.0.0.1" },
    responseHeaders: {},
    clientLeft: false,
    maxBodyBytes: 0,
    record,
    onEnd: (callback) => void endings.push(callback),
    readBody: () => readWebBody(request, exchange),
  };
  return exchange;
};

const readWebBody = async (request: Request, { maxBodyBytes, bodyRoom }: Exchange): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let refusal: Error | undefined;
  const place = bodyRoom?.enter(maxBodyBytes, (roomBytes) => void (refusal = bodiesTooLarge(roomBytes)));
  const body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = request.body ?? [];
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) refusal = bodyTooLarge(maxBodyBytes);
    else place?.grow(chunk.byteLength);
    if (refusal !== undefined) break;
    chunks.push(chunk);
  }
  place?.leave();
  if (refusal !== undefined) throw refusal;
  return Buffer.concat(chunks);
};

const createWebResponder = (exchange: Exchange, resolve: (response: Response) => void, end: (isComplete: boolean) => void): Responder => {
  let hasStarted = false;
  let breakOff = (): void => resolve(Response.error());
  const start = (status: number, headers: Readonly<Record<string, string>>, body: string | ReadableStream | null): void => {
    hasStarted = true;
    exchange.record.status = status;
    resolve(new Response(body, { status, headers: { ...exchange.responseHeaders, ...headers } }));
  };
  return {
    get hasStarted() {
      return hasStarted;
    },
    send({ status, headers, body }: Reply) {
      start(status, headers, exchange.method === "HEAD" || status === 204 ? null : body);
      end(true);
    },
    open(framing, headers) {
      const { sink, stream, fail } = createWebSink(framing, end);
      breakOff = fail;
      start(200, { ...headers, "content-type": framing.contentType, "cache-control": "no-cache" }, stream);
      return sink;
    },
    abort() {
      breakOff();
      end(false);
    },
  };
};

interface WebSink {
  readonly sink: Sink;
  readonly stream: ReadableStream<Uint8Array>;
  readonly fail: () => void;
}

const createWebSink = (framing: Framing, end: (isComplete: boolean) => void): WebSink => {
  const encoder = new TextEncoder();
  let waiting = "";
  let onPull: (() => void) | undefined;
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start: (started) => void (controller = started),
    pull: () => onPull?.(),
    cancel: () => {
      end(false);
      onPull?.();
    },
  });
  const write = (text: string): void => {
    if (text !== "") controller.enqueue(encoder.encode(text));
  };
  const sink: Sink = {
    emit: (data, event) => void (waiting += framing.frame(data, event)),
    flush() {
      write(waiting);
      waiting = "";
      if ((controller.desiredSize ?? 0) > 0) return undefined;
      return new Promise((resolve) => void (onPull = resolve));
    },
    keepAlive: () => write(framing.keepAlive ?? ""),
    end() {
      write(waiting);
      controller.close();
      end(true);
    },
  };
  return { sink, stream, fail: () => controller.error(new Error("The answer was broken off.")) };
};
