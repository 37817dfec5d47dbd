import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { createCertificate, type TestCertificate } from "../../support/certificate.ts";

/** An upstream of TLS that nobody can look up, and a proxy that knows the way to it. */
export interface Tunnel {
  readonly baseUrl: string;
  /** Of the proxy, without a user. */
  readonly proxy: string;
  /** The authority that the upstream's certificate is of, as a file of PEM. */
  readonly authority: string;
  /** What the proxy was asked: `CONNECT upstream.test:443`. */
  readonly asked: readonly string[];
  /** Where the upstream listens in truth. */
  readonly upstreamPort: number;
  /** What reached the upstream. */
  readonly reached: readonly string[];
}

const answer = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "Hi" } }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");

export interface TunnelOptions {
  /** `user:password` that the proxy insists on. */
  readonly credentials?: string;
  /** Who signs the upstream's certificate. Default: one that is made for it. */
  readonly authority?: TestCertificate;
}

export const createAuthority = (): TestCertificate => createCertificate({ serial: 1, isAuthority: true });

export const withTunnel = async (work: (tunnel: Tunnel) => Promise<void>, { credentials, authority = createAuthority() }: TunnelOptions = {}): Promise<void> => {
  const { cert, key } = createCertificate({ serial: 2, name: "upstream.test", signedBy: authority });
  const [asked, reached]: [string[], string[]] = [[], []];
  const upstream = createHttpsServer({ cert, key }, (request, response) => {
    reached.push(`${request.method} ${request.headers.host}${request.url}`);
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" }).end(answer);
  });
  const isAllowed = ({ headers }: IncomingMessage): boolean =>
    credentials === undefined || headers["proxy-authorization"] === `Basic ${Buffer.from(credentials).toString("base64")}`;
  const proxy = createHttpServer((request, response) => void response.writeHead(isAllowed(request) ? 404 : 407).end());
  proxy.on("connect", (request, socket, head) => {
    asked.push(`CONNECT ${request.url}`);
    if (!isAllowed(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="test"\r\n\r\n');
    const behind = connect((upstream.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    behind.on("error", () => socket.destroy());
    socket.on("error", () => behind.destroy());
    return undefined;
  });
  for (const server of [upstream, proxy]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  try {
    await work({ baseUrl: "https://upstream.test/v1", upstreamPort: (upstream.address() as AddressInfo).port, proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, authority: authority.cert, asked, reached });
  } finally {
    for (const server of [upstream, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  }
};
