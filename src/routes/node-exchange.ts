import type { IncomingMessage } from "node:http";
import { bodiesTooLarge, bodyTooLarge } from "../errors.ts";
import type { BodyRoom } from "../services.ts";
import { ClientLeftError, createRecord, type Exchange, type Peer } from "../policies/policy.ts";

/** A request of Node's server as an exchange: a request itself, an upgrade, or one frame of what an upgrade has opened. */
export class NodeExchange implements Exchange {
  readonly id: string;
  readonly responseHeaders: Record<string, string> = {};
  readonly record = createRecord();
  readonly path: string;
  maxBodyBytes = 0;
  clientLeft = false;
  bodyRoom?: BodyRoom;
  clientAddress?: string;
  keyName?: string;
  keyModels?: readonly string[];
  readonly #request: IncomingMessage;
  readonly #endings: (() => void)[] = [];

  constructor(request: IncomingMessage, id: string) {
    this.#request = request;
    this.id = id;
    this.path = pathOf(request.url ?? "/");
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get hostCount(): number {
    const { rawHeaders } = this.#request;
    let count = 0;
    // Names and values by turns. Each request passes here: most names are told apart by their length alone.
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index];
      if (name?.length === 4 && name.toLowerCase() === "host") count += 1;
    }
    return count;
  }

  get targetHost(): string | undefined {
    const { url = "/" } = this.#request;
    return url.startsWith("/") ? undefined : URL.parse(url)?.host;
  }

  get peer(): Peer {
    const { remoteAddress, localAddress } = this.#request.socket;
    return { address: plainAddress(remoteAddress), localAddress: plainAddress(localAddress) };
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  onEnd(callback: () => void): void {
    this.#endings.push(callback);
  }

  /** Ends the exchange: `isComplete` is false where the client has left before its answer was. Later calls do nothing. */
  end(isComplete: boolean): void {
    if (!isComplete) this.clientLeft = true;
    for (let ending = this.#endings.pop(); ending !== undefined; ending = this.#endings.pop()) ending();
  }

  readBody(): Promise<Uint8Array> {
    const request = this.#request;
    const { maxBodyBytes } = this;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      // What is refused is read on, so that its client hears why, and thrown away.
      let isRefused = false;
      const refuse = (error: Error): void => {
        isRefused = true;
        chunks.length = 0;
        place?.leave();
        reject(error);
      };
      const place = this.bodyRoom?.enter(maxBodyBytes, (roomBytes) => refuse(bodiesTooLarge(roomBytes)));
      request.on("data", (chunk: Buffer) => {
        if (isRefused) return;
        size += chunk.byteLength;
        if (size > maxBodyBytes) return refuse(bodyTooLarge(maxBodyBytes));
        chunks.push(chunk);
        place?.grow(chunk.byteLength);
      });
      request.on("end", () => {
        place?.leave();
        resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
        // Whoever listens here lives as long as the answer, which may be long.
        chunks.length = 0;
      });
      this.onEnd(() => {
        place?.leave();
        // An error that nobody needs costs as much as all policies together: it notes where it was made.
        if (!request.readableEnded) reject(new ClientLeftError());
      });
    });
  }
}

/** The path of a request target, as the router reads it: of a whole address its path, dot segments resolved. @see RFC 9112 section 3.2 */
const pathOf = (target: string): string => {
  const query = target.indexOf("?");
  const path = query < 0 ? target : target.slice(0, query);
  if (path.startsWith("/") && !/\/\.|%2e|\\/i.test(path)) return path;
  return URL.parse(path.startsWith("/") ? `http://host${path}` : path)?.pathname ?? path;
};

/** `::ffff:127.0.0.1`, as a socket that takes both families says it, is 127.0.0.1. */
export const plainAddress = (address: string | undefined): string => (address ?? "").replace(/^::ffff:(?=\d+\.)/, "");
