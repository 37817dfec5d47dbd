import type { ChosenProxy } from "./choose-proxy.ts";

/** A request that failed on its way through a proxy. */
export class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
  /** Where the proxy is written down: `HTTPS_PROXY`, `http.proxy`. */
  readonly source: string;
  /** Of the proxy; without a user name and password. */
  readonly origin: string;
  /** What it answered, where it answered; else there was no way to it. */
  readonly status: number | undefined;

  private constructor({ url, source }: ChosenProxy, status: number | undefined, cause: unknown) {
    super("The proxy did not let the request through.", { cause });
    this.source = source;
    this.origin = `${url.protocol}//${url.host}`;
    this.status = status;
  }

  /** The proxy's failure, where it is the proxy's and not that of what lies behind it; else the error as it is. */
  static of(proxy: ChosenProxy, error: unknown): unknown {
    const { code = "", message = "", cause } = error as { code?: string; message?: string; cause?: unknown };
    // undici has no field for it. @see its ProxyAgent and Http1ProxyWrapper
    const status = /Proxy response \((\d{3})\)|Proxy Authentication Required \((\d{3})\)/.exec(message)?.slice(1).find((found) => found !== undefined);
    if (status !== undefined) return new ProxyFailure(proxy, Number(status), error);
    return noWay.has(code) ? new ProxyFailure(proxy, undefined, cause ?? error) : error;
  }
}

/** Nobody but the proxy itself is connected to from here. */
const noWay = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_PRX_CONN", "UND_ERR_PRX_TLS"]);
