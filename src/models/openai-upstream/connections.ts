import type { Agent, Dispatcher, ProxyAgent, request as undiciRequest } from "undici";
import { createImageFetcher, type ImageFetcher, type ImageFetcherOptions } from "../remote-images/fetch-image.ts";
import { chooseProxy, type ChosenProxy, type ProxySettings } from "./choose-proxy.ts";
import { ProxyFailure } from "./proxy-failure.ts";
import { systemTrust } from "./system-trust.ts";

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
  /**
   * Settles with the head. Throws undici's errors, an AbortError when `signal` aborts, and `ProxyFailure` and `UnusableProxy`
   * for what a proxy on the way is to blame for.
   */
  request(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** An image from the open internet, and from nowhere else. */
  readonly fetchImage: ImageFetcher["fetch"];
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly images?: ImageFetcherOptions;
  /** What the editor says of proxies now: the same object for as long as it says the same. Default: nothing, the environment decides. */
  readonly proxySettings?: () => ProxySettings;
}

const noSettings: ProxySettings = {};

/** undici is loaded with the first request. */
export const createConnections = ({ images: imageOptions = {}, proxySettings = () => noSettings }: ConnectionsOptions = {}): Connections => {
  let loading: Promise<Client> | undefined;
  let dispatchers: Dispatchers | undefined;
  const images = createImageFetcher(imageOptions);
  const dispatchersFor = (client: Client, settings: ProxySettings): Dispatchers => {
    if (dispatchers?.settings === settings) return dispatchers;
    // What is under way ends in its own time, on the way that it began.
    void dispatchers?.close();
    return (dispatchers = createDispatchers(client, settings));
  };
  return {
    async request({ method, url, headers, body, signal }) {
      const client = await (loading ??= import("undici"));
      const settings = proxySettings();
      const address = new URL(url);
      const proxy = chooseProxy(address, settings, process.env);
      const dispatcher = dispatchersFor(client, settings).get(address.protocol, proxy);
      const response = await client.request(url, { method, headers, signal, dispatcher, ...(body === undefined ? {} : { body }) }).catch((error: unknown) => {
        throw proxy === undefined || signal.aborted ? error : ProxyFailure.of(proxy, error);
      });
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
      await dispatchers?.destroy();
      dispatchers = undefined;
      loading = undefined;
    },
  };
};

interface Client {
  readonly request: typeof undiciRequest;
  readonly Agent: typeof Agent;
  readonly ProxyAgent: typeof ProxyAgent;
}

/** The pools of connections under one set of settings: for what is asked directly, and for each proxy. */
interface Dispatchers {
  readonly settings: ProxySettings;
  /** @param protocol of what is asked, such as `https:` */
  get(protocol: string, proxy: ChosenProxy | undefined): Dispatcher;
  /** Once all that is under way has ended. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/** How long an upstream may be silent is the route's to say, in `timeout:`; here nothing is cut short. */
const patient = { headersTimeout: 0, bodyTimeout: 0 };

const createDispatchers = ({ Agent: DirectAgent, ProxyAgent: ProxiedAgent }: Client, settings: ProxySettings): Dispatchers => {
  const { authorization, checksCertificates = true, trustsSystem = false } = settings;
  const pools = new Map<string, Dispatcher>();
  const open = (protocol: string, proxy: ChosenProxy | undefined): Dispatcher => {
    const isSecureProxy = proxy?.url.protocol === "https:";
    const trust = trustsSystem && (protocol === "https:" || isSecureProxy) ? systemTrust() : {};
    if (proxy === undefined) return new DirectAgent({ ...patient, connect: trust });
    // Settings for TLS would make undici ask a SOCKS proxy in TLS.
    const tls = checksCertificates ? trust : { ...trust, rejectUnauthorized: false };
    return new ProxiedAgent({ ...patient, uri: proxy.url.href, requestTls: tls, ...(isSecureProxy ? { proxyTls: tls } : {}), ...(authorization === undefined ? {} : { token: authorization }) });
  };
  return {
    settings,
    get(protocol, proxy) {
      const key = `${protocol} ${proxy?.url.href ?? ""}`;
      const pool = pools.get(key) ?? open(protocol, proxy);
      pools.set(key, pool);
      return pool;
    },
    close: async () => void (await Promise.all([...pools.values()].map((pool) => pool.close()))),
    destroy: async () => void (await Promise.all([...pools.values()].map((pool) => pool.destroy()))),
  };
};

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
