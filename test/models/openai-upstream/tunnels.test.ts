import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collect, peekFirst } from "../../../src/chat/call.ts";
import type { ProxySettings } from "../../../src/models/openai-upstream/choose-proxy.ts";
import { createConnections } from "../../../src/models/openai-upstream/connections.ts";
import { createUpstreamHost } from "../../../src/models/openai-upstream/host.ts";
import { systemClock } from "../../../src/services.ts";
import { requestOf } from "../../support/played-call.ts";
import { withTunnel, type Tunnel } from "./tunnel.ts";

const script = fileURLToPath(new URL("ask-upstream.ts", import.meta.url));

/** What a process says that was started with these variables and no others of this kind. */
const askInProcess = async ({ baseUrl }: Tunnel, environment: NodeJS.ProcessEnv): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, baseUrl], { env: { PATH: process.env["PATH"], ...environment } });
  return stdout;
};

const withFile = async (content: string, work: (path: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "llm-proxy-tunnel-"));
  try {
    await writeFile(join(folder, "authority.pem"), content);
    await work(join(folder, "authority.pem"));
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** An editor whose settings are `current`, asking time and again. */
const withEditor = async (work: (ask: (current: ProxySettings) => Promise<string>) => Promise<void>, baseUrl: string): Promise<void> => {
  let settings: ProxySettings = {};
  const connections = createConnections({ proxySettings: () => settings });
  const host = createUpstreamHost([{ name: "test", baseUrl, apiKey: "none", headers: {} }], connections, systemClock);
  try {
    await work(async (current) => {
      settings = current;
      const resolution = await host.resolve({ kind: "upstream", upstream: "test", model: "m" }, { requestedName: "m" });
      if (!("model" in resolution)) throw new Error(resolution.unavailable);
      return peekFirst(resolution.model.chat(requestOf(), { signal: new AbortController().signal })).then(collect).then(({ text }) => text, (error: Error) => error.message);
    });
  } finally {
    await connections.close();
  }
};

const cases = suite("models/openai-upstream/tunnels");

cases("an upstream behind a proxy is reached through its tunnel, its certificate checked against the authority in NODE_EXTRA_CA_CERTS", () =>
  withTunnel((tunnel) => withFile(tunnel.authority, async (file) => {
    assert.is(await askInProcess(tunnel, { HTTPS_PROXY: tunnel.proxy, NODE_EXTRA_CA_CERTS: file }), "Hi");
    assert.equal(tunnel.asked, ["CONNECT upstream.test:443"]);
    assert.equal(tunnel.reached, ["POST upstream.test/v1/chat/completions"]);
  })));

cases("without that authority nothing is sent, and the error says what to do", () => withTunnel(async (tunnel) => {
  const said = await askInProcess(tunnel, { HTTPS_PROXY: tunnel.proxy });
  assert.match(said, /^The upstream test at https:\/\/upstream\.test has a certificate of an authority that is not known here: name the file .* NODE_EXTRA_CA_CERTS/);
  assert.equal(tunnel.reached, []);
}));

cases("a proxy that asks for a password says so, and where to write it; with it, it lets through", () => withTunnel((tunnel) => withFile(tunnel.authority, async (file) => {
  const environment = { NODE_EXTRA_CA_CERTS: file };
  const said = await askInProcess(tunnel, { ...environment, HTTPS_PROXY: tunnel.proxy.replace("//", "//ann:wrong@") });
  assert.is(said, `The upstream test at https://upstream.test lies behind the proxy ${tunnel.proxy} (HTTPS_PROXY), which asks for a user name and a password (407): write them into HTTPS_PROXY as http://user:password@host:port, or name the upstream's host in NO_PROXY.`);
  assert.is(await askInProcess(tunnel, { ...environment, HTTPS_PROXY: tunnel.proxy.replace("//", "//ann:s%3Acret@") }), "Hi");
}), { credentials: "ann:s:cret" }));

cases("the editor's settings are followed from one request to the next", () => withTunnel(async (tunnel) => {
  await withEditor(async (ask) => {
    const settings = { url: tunnel.proxy, checksCertificates: false };
    assert.match(await ask(settings), "asks for a user name and a password (407): write them into http.proxy");
    assert.is(await ask({ ...settings, authorization: `Basic ${Buffer.from("ann:secret").toString("base64")}` }), "Hi");
    assert.match(await ask({ ...settings, checksCertificates: true, authorization: `Basic ${Buffer.from("ann:secret").toString("base64")}` }), "has a certificate of an authority that is not known here");
    assert.match(await ask({ isEnabled: false, url: tunnel.proxy }), "has a name that cannot be looked up");
  }, tunnel.baseUrl);
}, { credentials: "ann:secret" }));

cases("a request of plain HTTP is refused in the same words", () => withTunnel(async (tunnel) => {
  await withEditor(async (ask) => {
    assert.match(await ask({ url: tunnel.proxy }), `lies behind the proxy ${tunnel.proxy} (http.proxy), which asks for a user name and a password (407)`);
  }, "http://upstream.test/v1");
}, { credentials: "ann:secret" }));

/** The smallest proxy of SOCKS 5: no password, one kind of address. @see RFC 1928 */
const withSocksProxy = async (targetPort: number, work: (url: string, asked: readonly string[]) => Promise<void>): Promise<void> => {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      socket.write(Buffer.of(5, 0));
      socket.once("data", (request: Buffer) => {
        const length = request[4] ?? 0;
        asked.push(`${request.subarray(5, 5 + length).toString()}:${request.readUInt16BE(5 + length)}`);
        const behind = connect(targetPort, "127.0.0.1", () => {
          socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
          behind.pipe(socket).pipe(behind);
        });
        behind.on("error", () => socket.destroy());
      });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work(`socks5://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.close();
  }
};

cases("a proxy of SOCKS is asked for the upstream by its name", () => withTunnel(({ baseUrl, upstreamPort, reached }) =>
  withSocksProxy(upstreamPort, (url, asked) => withEditor(async (ask) => {
    assert.is(await ask({ url, checksCertificates: false }), "Hi");
    assert.equal([asked, reached], [["upstream.test:443"], ["POST upstream.test/v1/chat/completions"]]);
  }, baseUrl))));

cases("what the machine trusts is looked at where the editor wants it, and is not everything", () => withTunnel(async (tunnel) => {
  await withEditor(async (ask) => {
    assert.match(await ask({ url: tunnel.proxy, trustsSystem: true }), "has a certificate of an authority that is not known here");
    assert.is(await ask({ url: tunnel.proxy, trustsSystem: true, checksCertificates: false }), "Hi");
  }, tunnel.baseUrl);
}));

cases("a proxy that is not there, or is none, is told from an upstream that is not there", () => withEditor(async (ask) => {
  assert.match(await ask({ url: "http://127.0.0.1:1" }), "lies behind the proxy http://127.0.0.1:1 (http.proxy), which cannot be reached (ECONNREFUSED): correct http.proxy");
  assert.match(await ask({ url: "socks4://ann:secret@127.0.0.1:1" }), /cannot be asked: http\.proxy is not the address of a proxy that is known here: write it as http:\/\/host:port/);
}, "https://upstream.test/v1"));

cases.run();
