import { connect, type Socket } from "node:net";

/** One whole answer, its body decoded from whatever framing it came in. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One connection that is kept alive, and one request on it at a time. */
export interface Connection {
  /** Sends a request, the bytes as they are, and gives its answer; absent when the connection ends before it is whole. */
  ask(request: Buffer): Promise<Answer | undefined>;
  close(): void;
}

/**
 * A client that costs little: what it takes of the machine, the servers lack. It knows of HTTP/1.1 what the measured
 * servers say: a length, or chunks without trailers.
 */
export const openConnection = (port: number): Promise<Connection> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(createConnection(socket));
    });
    socket.once("error", reject);
  });

const createConnection = (socket: Socket): Connection => {
  let reader = createAnswerReader();
  let settle: ((answer: Answer | undefined) => void) | undefined;
  const finish = (answer: Answer | undefined): void => {
    settle?.(answer);
    settle = undefined;
  };
  socket.on("data", (chunk: Buffer) => {
    const answer = reader.add(chunk);
    if (answer !== undefined) finish(answer);
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => finish(undefined));
  return {
    ask(request) {
      if (socket.destroyed) return Promise.resolve(undefined);
      reader = createAnswerReader();
      return new Promise((resolve) => {
        settle = resolve;
        socket.write(request);
      });
    },
    close: () => socket.destroy(),
  };
};

/** Takes the bytes of one answer as they come; gives it once it is whole. */
export const createAnswerReader = (): { add(chunk: Buffer): Answer | undefined } => {
  const chunks: Buffer[] = [];
  let size = 0;
  let head: Head | undefined;
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (head === undefined) {
        head = parseHead(Buffer.concat(chunks));
        if (head === undefined) return undefined;
      }
      const { status, bodyStart, contentLength } = head;
      if (contentLength !== undefined) {
        if (size < bodyStart + contentLength) return undefined;
        return { status, body: Buffer.concat(chunks).toString("utf8", bodyStart, bodyStart + contentLength) };
      }
      // Only the last chunk of all can be whole: the others need not be looked through again and again.
      if (!endsWithLastChunk(chunks)) return undefined;
      const body = decodeChunks(Buffer.concat(chunks), bodyStart);
      return body === undefined ? undefined : { status, body };
    },
  };
};

interface Head {
  readonly status: number;
  readonly bodyStart: number;
  /** Absent = chunks. */
  readonly contentLength: number | undefined;
}

const parseHead = (bytes: Buffer): Head | undefined => {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const text = bytes.toString("latin1", 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return {
    status: Number(text.slice(9, 12)),
    bodyStart: end + 4,
    contentLength: length === undefined ? undefined : Number(length),
  };
};

const lastChunk = Buffer.from("0\r\n\r\n");

const endsWithLastChunk = (chunks: readonly Buffer[]): boolean => {
  const end = Buffer.concat(chunks.slice(-lastChunk.length)).subarray(-lastChunk.length);
  return end.equals(lastChunk);
};

/** The body that lies in chunks from `start` on; absent where the last one, of length 0, has not come. */
const decodeChunks = (bytes: Buffer, start: number): string | undefined => {
  const pieces: string[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (length === 0) return pieces.join("");
    pieces.push(bytes.toString("utf8", lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
    if (!(at <= bytes.length)) return undefined;
  }
};
