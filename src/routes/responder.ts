import type { Emit } from "../protocols/protocol.ts";
import type { Framing } from "../protocols/framing.ts";
import type { Exchange, Reply } from "../policies/policy.ts";

/** The way back to the client, through whichever door it came. Either `send`, once, or `open`, once. */
export interface Responder {
  /** Sends a whole answer. The exchange's `responseHeaders` go with it. */
  send(reply: Reply): void;
  /** Sends a 200 and begins a stream. */
  open(framing: Framing, headers: Readonly<Record<string, string>>): Sink;
  /** Whether a status has been sent: then a failure can only be told inside the stream. */
  readonly hasStarted: boolean;
  /** Breaks the connection off: what has been sent so far must not look like a whole answer. */
  abort(): void;
}

/** Where a stream's events go. What is emitted waits until `flush`, which makes it one write. */
export interface Sink {
  readonly emit: Emit;
  /** Writes what was emitted. The promise, if there is one, settles when the client has read enough for more. */
  flush(): Promise<void> | undefined;
  /** Writes the framing's keep-alive, where it has one. */
  keepAlive(): void;
  /** Writes what was emitted and ends the stream. */
  end(): void;
}

/** Answers one request completely; what it throws becomes an error answer in the shape of the route's protocol. */
export type Handler = (exchange: Exchange, responder: Responder) => void | Promise<void>;
