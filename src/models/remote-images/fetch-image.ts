import { lookup as lookUpByMachine } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { Agent, Dispatcher, request as undiciRequest } from "undici";
import { imageTypeOf } from "../../chat/image-type.ts";
import type { ImageContent, ImageLink } from "../../chat/request.ts";
import { abortSignalOf, type StopSignal } from "../../chat/stop-signal.ts";
import { invalidField, type ProxyError } from "../../errors.ts";
import { isPublicAddress } from "./public-address.ts";

export interface ImageFetcherOptions {
  /** Which addresses may be asked; the open internet's by default. */
  readonly isAllowed?: (address: string) => boolean;
  /** How a name is looked up; as the machine does by default. */
  readonly lookup?: typeof lookUpByMachine;
  readonly maxBytes?: number;
  /** For one image, redirects included. */
  readonly timeoutMs?: number;
}

/** Fetches images that a client named by their address. */
export interface ImageFetcher {
  /**
   * The image behind a link. Throws `invalidField` (400) naming the link's field where there is none, or none that may be
   * fetched, and the signal's reason once it aborts.
   */
  fetch(link: ImageLink, signal: StopSignal): Promise<ImageContent>;
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;
const mostRedirects = 3;

/**
 * A client must not reach through this proxy what it cannot reach itself: only addresses of the open internet are asked,
 * each redirect is looked at anew, and no key, cookie or proxy of this machine is used. A name is looked up once, by the
 * connection itself, so that it cannot mean another address the second time.
 */
export const createImageFetcher = ({ isAllowed = isPublicAddress, lookup = lookUpByMachine, maxBytes = 10 * mebibyte, timeoutMs = 10_000 }: ImageFetcherOptions = {}): ImageFetcher => {
  let loading: Promise<Client> | undefined;
  const download = async (address: string, signal: AbortSignal): Promise<Uint8Array> => {
    const client = await (loading ??= loadClient(guardedLookup(isAllowed, lookup)));
    let url = new URL(address);
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const response = await client.request(checked(url, isAllowed), { method: "GET", headers: { accept: "image/*" }, dispatcher: client.agent, signal });
      const target = redirectTarget(response, url);
      if (target === undefined) return await readBody(response, maxBytes);
      await response.body.dump();
      url = target;
    }
    throw new UnusableImage(`there are more than ${mostRedirects} redirects`);
  };
  return {
    async fetch({ url, field }, signal) {
      const limit = AbortSignal.timeout(timeoutMs);
      try {
        const data = await download(url, AbortSignal.any([abortSignalOf(signal), limit]));
        const mediaType = imageTypeOf(data);
        if (mediaType === undefined) throw new UnusableImage("it is no PNG, JPEG, GIF or WebP image");
        return { type: "image", mediaType, data };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw notFetched(field, limit.aborted ? new UnusableImage(`it took longer than ${timeoutMs / 1000} s`) : error);
      }
    },
    async close() {
      await (await loading)?.agent.destroy();
      loading = undefined;
    },
  };
};

/** Why an image cannot be used, in words that end a sentence. */
class UnusableImage extends Error {
  override readonly name = "UnusableImage";
}

const notFetched = (field: string, error: unknown): ProxyError =>
  invalidField(field, `The image could not be fetched: ${error instanceof UnusableImage ? error.message : "its server cannot be reached"}. Send it as a data URL instead.`);

interface Client {
  readonly request: typeof undiciRequest;
  readonly agent: Agent;
}

const loadClient = async (guarded: LookupFunction): Promise<Client> => {
  const { Agent: UndiciAgent, request } = await import("undici");
  return { request, agent: new UndiciAgent({ connect: { lookup: guarded } }) };
};

/** A connection to an address that is written out asks for no lookup, so those are looked at here. */
const checked = (url: URL, isAllowed: (address: string) => boolean): URL => {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new UnusableImage("its url is not http or https");
  if (url.username !== "" || url.password !== "") throw new UnusableImage("its url has a user name or a password");
  if (isIP(host) !== 0 && !isAllowed(host)) throw notAllowed();
  return url;
};

const notAllowed = (): UnusableImage => new UnusableImage("its address is not one of the open internet");

/** @throws through the callback, unless every address that the name stands for may be asked */
const guardedLookup = (isAllowed: (address: string) => boolean, lookup: typeof lookUpByMachine): LookupFunction =>
  (hostname, options, callback) => lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) return callback(error ?? new UnusableImage("its server has no address"), "", 0);
    if (!addresses.every(({ address }) => isAllowed(address))) return callback(notAllowed(), "", 0);
    if (options.all === true) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });

const redirectTarget = ({ statusCode, headers }: Dispatcher.ResponseData, from: URL): URL | undefined => {
  const { location } = headers;
  if (statusCode < 300 || statusCode > 399 || typeof location !== "string") return undefined;
  if (!URL.canParse(location, from.href)) throw new UnusableImage("its server redirects to no address");
  return new URL(location, from);
};

const readBody = async ({ statusCode, headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<Uint8Array> => {
  const tooLarge = `it is larger than ${maxBytes} bytes`;
  if (statusCode !== 200 || Number(headers["content-length"] ?? 0) > maxBytes) {
    // What is thrown away complains about it.
    body.on("error", () => {}).destroy();
    throw new UnusableImage(statusCode === 200 ? tooLarge : `its server answered ${statusCode}`);
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    // Leaving the loop destroys the body.
    if (size > maxBytes) throw new UnusableImage(tooLarge);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};
