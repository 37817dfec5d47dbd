import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client of nothing but a socket, for requests that no HTTP library would send. */
export interface RawClient {
  readonly socket: Socket;
  write(text: string | Uint8Array): void;
  /** All that has come so far. */
  readonly received: string;
  /** Waits until what has come matches, for answers of a few kilobytes; throws with what has come when the server closes before that. */
  until(pattern: RegExp): Promise<string>;
  /** Waits until the server has closed the connection. */
  closed(): Promise<string>;
  /** Leaves at once, as a process that is killed does. */
  leave(): void;
}

export const connectRaw = async (port: number, host = "127.0.0.1"): Promise<RawClient> => {
  const socket = connect({ port, host });
  await once(socket, "connect");
  socket.setEncoding("latin1");
  let received = "";
  let isOver = false;
  let wake = Promise.withResolvers<void>();
  const stir = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  // A reset is one more way in which a server closes.
  socket.on("error", () => {});
  socket.on("data", (text: string) => {
    received += text;
    stir();
  });
  const closed = new Promise<string>((resolve) => {
    socket.once("close", () => {
      isOver = true;
      stir();
      resolve(received);
    });
  });
  return {
    socket,
    write: (text) => void socket.write(text),
    get received() {
      return received;
    },
    async until(pattern) {
      while (!pattern.test(received)) {
        if (isOver) throw new Error(`The server closed before ${pattern}: ${JSON.stringify(received)}`);
        await wake.promise;
      }
      return received;
    },
    closed: () => closed,
    leave: () => void socket.resetAndDestroy(),
  };
};

/** The text of a POST of JSON to `/v1/chat/completions`. */
export const rawPost = (body: unknown, headers: readonly string[] = []): string => {
  const text = JSON.stringify(body);
  return ["POST /v1/chat/completions HTTP/1.1", "Host: localhost", "Content-Type: application/json", `Content-Length: ${Buffer.byteLength(text)}`, ...headers, "", text].join("\r\n");
};

/** The statuses of all answers in what a raw client received. */
export const statusesIn = (received: string): readonly number[] =>
  [...received.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
