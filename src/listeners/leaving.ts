import type { IncomingMessage } from "node:http";
import type { App } from "./listener.ts";
import type { NewSocket, OpenSocket } from "./sockets.ts";

export interface LeavingSocketsOptions {
  /** The sockets that stay. */
  readonly current: () => readonly OpenSocket[];
  /** Whether a socket on `host` takes what comes to this address of the machine. */
  readonly covers: (host: string, address: string | undefined) => boolean;
}

/** Sockets that the configuration has no more. Each is there until its last connection ends. */
export class LeavingSockets {
  readonly #options: LeavingSocketsOptions;
  readonly #all = new Set<NewSocket>();

  constructor(options: LeavingSocketsOptions) {
    this.#options = options;
  }

  /**
   * Lets a socket end in its own time, `limitMs` at most. What still comes to it is answered by whoever has its address now,
   * and by `refusing` where nobody has.
   */
  add(socket: NewSocket, refusing: App, limitMs: number): void {
    this.#all.add(socket);
    socket.bound.switch(chooseApp((request) => this.#heir(socket, request)?.app ?? refusing));
    void socket.bound.drain(limitMs).finally(() => this.#all.delete(socket));
  }

  get connectionCount(): number {
    return [...this.#all].reduce((sum, { bound }) => sum + bound.connectionCount, 0);
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.#all].map(({ bound }) => bound.close(graceMs)));
  }

  /** The socket to which this client could connect now at the same address: its old connection is no way around a new host. */
  #heir(old: NewSocket, { socket: { localAddress } }: IncomingMessage): OpenSocket | undefined {
    const { current, covers } = this.#options;
    return current().find(({ bound, spec }) =>
      bound.port === old.bound.port && (spec.tls === undefined) === (old.spec.tls === undefined) && covers(spec.host, localAddress));
  }
}

/** An app that is chosen anew for each request. */
const chooseApp = (choose: (request: IncomingMessage) => App): App => ({
  handle: (request, response) => choose(request).handle(request, response),
  upgrade: (request) => choose(request).upgrade(request),
  receive: (text, socket) => choose(socket.request).receive(text, socket),
});
