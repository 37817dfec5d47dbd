/** How the events of a stream lie on the wire; the events themselves are the protocol's. */
export interface Framing {
  readonly contentType: string;
  /** Sent while the model is silent, and skipped by every client. Absent where the format has no such thing. */
  readonly keepAlive?: string;
  /** @param event the event's name, where the protocol gives one */
  frame(data: string, event?: string): string;
}

/** `data` must hold no line break, which JSON text never does. @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const serverSentEvents: Framing = {
  contentType: "text/event-stream; charset=utf-8",
  keepAlive: ": keep-alive\n\n",
  frame: (data, event) => (event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`),
};
