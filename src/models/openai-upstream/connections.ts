import type { Dispatcher, request as undiciRequest } from "undici";
import { createImageFetcher, type ImageFetcher, type ImageFetcherOptions } from "../remote-images/fetch-image.ts";

/** A response of an upstream: its head, and its body as it comes. */
export interface UpstreamResponse {
  readonly status: number;
  /** One header by its lower-case name. */
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** The body up to `maxBytes`; what is longer is thrown away. */
  text(maxBytes: number): Promise<string>;
}

export interface UpstreamRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Connections to upstreams, shared by all configurations: a reload closes none and opens none. */
export interface Connections {
  /** Settles with the head. Throws undici's errors, and an AbortError when `signal` aborts. */
  request(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** An image from the open internet, and from nowhere else. */
  readonly fetchImage: ImageFetcher["fetch"];
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly images?: ImageFetcherOptions;
}

/** Proxies are those of the environment: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, and none for this machine. undici is loaded with the first request. */
export const createConnections = ({ images: imageOptions = {} }: ConnectionsOptions = {}): Connections => {
  let loading: Promise<Client> | undefined;
  const images = createImageFetcher(imageOptions);
  return {
    async request({ method, url, headers, body, signal }) {
      const client = await (loading ??= loadClient());
      const { dispatcher } = client;
      const response = await client.request(url, { method, headers, signal, dispatcher, ...(body === undefined ? {} : { body }) });
      return {
        status: response.statusCode,
        header(name) {
          const value = response.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
        body: response.body,
        text: (maxBytes) => readText(response.body, maxBytes),
      };
    },
    fetchImage: images.fetch,
    async close() {
      await images.close();
      await (await loading)?.dispatcher.destroy();
      loading = undefined;
    },
  };
};

interface Client {
  readonly request: typeof undiciRequest;
  readonly dispatcher: Dispatcher;
}

const loadClient = async (): Promise<Client> => {
  const { EnvHttpProxyAgent, request } = await import("undici");
  // How long an upstream may be silent is the route's to say, in `timeout:`; here nothing is cut short.
  return { request, dispatcher: new EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: 0, noProxy: unproxied(process.env) }) };
};

/** No proxy reaches what listens on this machine only, which is where most upstreams are. */
const unproxied = ({ no_proxy: lower, NO_PROXY: upper }: NodeJS.ProcessEnv): string => [lower ?? upper ?? "", "localhost", "127.0.0.1", "::1"].join(",");

const readText = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes).toString("utf8");
};
