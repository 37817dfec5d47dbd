import { BlockList, isIP } from "node:net";

/** What an editor says of the way to upstreams. Each that is absent is as in a terminal. */
export interface ProxySettings {
  /** Whether any proxy may be used. Default: true. */
  readonly isEnabled?: boolean;
  /** Asked for every upstream, in place of those of the environment. */
  readonly url?: string;
  /** Sent to the proxy as `proxy-authorization`. */
  readonly authorization?: string;
  /** In place of NO_PROXY. */
  readonly noProxy?: readonly string[];
  /** Whether certificates are looked at, of the proxy and of what lies behind it. Default: true. */
  readonly checksCertificates?: boolean;
  /** Whether the authorities that the machine knows are trusted too. Default: only those that this process knows. */
  readonly trustsSystem?: boolean;
}

/** The proxy that an address is reached through. */
export interface ChosenProxy {
  readonly url: URL;
  /** Where it is written down, for errors: `HTTPS_PROXY`, `http.proxy`. */
  readonly source: string;
}

/** A proxy that cannot be used as it is written. Its text is not repeated: it may hold a password. */
export class UnusableProxy extends Error {
  override readonly name = "UnusableProxy";
  readonly source: string;
  constructor(source: string) {
    super(`${source} is not the address of a proxy that is known here: write it as http://host:port, or https:// or socks5://.`);
    this.source = source;
  }
}

/**
 * Which proxy to ask for an address; nothing = ask the address itself, as always for this machine. Settings go before the
 * environment, and there lower case before upper case. Throws `UnusableProxy`.
 */
export const chooseProxy = (address: URL, { isEnabled = true, url, noProxy = [] }: ProxySettings, env: NodeJS.ProcessEnv): ChosenProxy | undefined => {
  const written = url === undefined || url === "" ? ofEnvironment(address.protocol, env) : { text: url, source: "http.proxy" };
  if (!isEnabled || written === undefined || written.text === "") return undefined;
  const exceptions = noProxy.length > 0 ? noProxy : (env["no_proxy"] ?? env["NO_PROXY"] ?? "").split(/[,\s]+/);
  const host = hostOf(address);
  const port = address.port === "" ? defaultPorts[address.protocol] ?? "" : address.port;
  if (isThisMachine(host) || exceptions.some((exception) => isExcepted(host, port, exception.trim().toLowerCase()))) return undefined;
  return parse(written.text, written.source);
};

const ofEnvironment = (protocol: string, env: NodeJS.ProcessEnv): { text: string; source: string } | undefined => {
  // One that is for plain HTTP serves for both where there is no other: the editor and its extensions do the same.
  const names = protocol === "https:" ? ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  const source = names.find((name) => env[name] !== undefined);
  return source === undefined ? undefined : { text: env[source] ?? "", source };
};

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Without the brackets of IPv6, nor the dot that ends a full name. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "").toLowerCase();

const isThisMachine = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || (isIP(host) !== 0 && isWithin(host, "127.0.0.0/8")) || host === "::1";

/** `example.com`, `.example.com` and `*.example.com`, an address, a network, each with a port or without, or `*` for all. */
const isExcepted = (host: string, port: string, exception: string): boolean => {
  if (exception === "") return false;
  const [, bracketed, plain, onlyPort = port] = /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(exception) ?? [];
  const name = (bracketed ?? plain ?? "").replace(/\.$/, "");
  if (onlyPort !== port || name === "") return false;
  if (name === "*" || name === host) return true;
  if (name.includes("/")) return isWithin(host, name);
  if (name.startsWith("*.")) return host.endsWith(name.slice(1));
  const domain = name.replace(/^\./, "");
  return host === domain || host.endsWith(`.${domain}`);
};

/** @param network such as `10.0.0.0/8` */
const isWithin = (host: string, network: string): boolean => {
  const [base = "", prefix = ""] = network.split("/");
  const version = isIP(base);
  const bits = Number(prefix);
  if (version === 0 || version !== isIP(host) || prefix === "" || !Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(base, bits, family);
  return list.check(host, family);
};

const protocols = new Set(["http:", "https:", "socks5:", "socks:"]);

/** Many write it without the `http://`. */
const parse = (text: string, source: string): ChosenProxy => {
  const full = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(full)) throw new UnusableProxy(source);
  const url = new URL(full);
  if (!protocols.has(url.protocol) || url.hostname === "") throw new UnusableProxy(source);
  return { url, source };
};
