import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collect, peekFirst } from "../../../src/chat/call.ts";
import { ProxyError } from "../../../src/errors.ts";
import type { Model } from "../../../src/models/host.ts";
import { createConnections, type Connections } from "../../../src/models/openai-upstream/connections.ts";
import { createUpstreamHost } from "../../../src/models/openai-upstream/host.ts";
import { systemClock } from "../../../src/services.ts";
import { requestOf } from "../../support/played-call.ts";

const variables = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

interface ProxyServer {
  readonly url: string;
  /** What it was asked: `POST http://…` for a request to hand on, `CONNECT host:port` for a tunnel. */
  readonly asked: readonly string[];
  /** Settles when a client breaks off. */
  readonly left: Promise<void>;
}

const answer = `data: ${JSON.stringify({ choices: [{ delta: { content: "Hi" }, finish_reason: "stop" }] })}\n\n`;

/** A proxy on a free port that answers in the upstream's place; a path that ends in `/endless/…` is never answered to its end. */
const withProxy = async (work: (proxy: ProxyServer) => Promise<void>): Promise<void> => {
  const asked: string[] = [];
  const left = Promise.withResolvers<void>();
  const note = ({ method, url }: IncomingMessage): void => void asked.push(`${method} ${url}`);
  const server = createServer((request, response) => {
    note(request);
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (!request.url?.includes("endless")) return void response.end(answer);
    response.once("close", left.resolve);
    return void response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: "Hi" } }] })}\n\n`);
  });
  server.on("connect", (request: IncomingMessage, socket) => {
    note(request);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, left: left.promise });
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

/** Connections as a process has them that was started with these variables; its first request reads them. */
const withConnections = async (environment: Readonly<Record<string, string>>, work: (connections: Connections) => Promise<void>): Promise<void> => {
  const before = variables.map((name) => [name, process.env[name]] as const);
  for (const name of variables) delete process.env[name];
  Object.assign(process.env, environment);
  const connections = createConnections();
  try {
    await work(connections);
  } finally {
    await connections.close();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
};

const modelAt = async (baseUrl: string, connections: Connections): Promise<Model> => {
  const host = createUpstreamHost([{ name: "test", baseUrl, apiKey: "none", headers: {} }], connections, systemClock);
  const resolution = await host.resolve({ kind: "upstream", upstream: "test", model: "m" }, { requestedName: "m" });
  if (!("model" in resolution)) throw new Error(resolution.unavailable);
  return resolution.model;
};

const ask = async (baseUrl: string, connections: Connections): Promise<string> => {
  const { chat } = await modelAt(baseUrl, connections);
  return (await collect(await peekFirst(chat(requestOf(), { signal: new AbortController().signal })))).text;
};

const cases = suite("models/openai-upstream/proxies");

cases("HTTP_PROXY is asked for the whole address, and nobody looks the name up here", () =>
  withProxy(({ url, asked }) => withConnections({ HTTP_PROXY: url }, async (connections) => {
    assert.is(await ask("http://upstream.invalid/v1", connections), "Hi");
    assert.equal(asked, ["POST http://upstream.invalid/v1/chat/completions"]);
  })));

cases("HTTPS_PROXY is asked for a tunnel, and its refusal is an error that names the upstream", () =>
  withProxy(({ url, asked }) => withConnections({ HTTPS_PROXY: url }, async (connections) => {
    const error = await ask("https://upstream.invalid/v1", connections).then(() => undefined, (thrown: unknown) => thrown);
    assert.instance(error, ProxyError);
    assert.is((error as ProxyError).status, 502);
    assert.match((error as ProxyError).message, "The upstream test at https://upstream.invalid");
    assert.equal(asked, ["CONNECT upstream.invalid:443"]);
  })));

cases("an upstream on this machine and one of NO_PROXY are asked directly", () =>
  withProxy((upstream) => withProxy(({ url, asked }) => withConnections({ HTTP_PROXY: url, NO_PROXY: "direct.localhost" }, async (connections) => {
    const { port } = new URL(upstream.url);
    for (const host of ["127.0.0.1", "localhost"]) assert.is(await ask(`http://${host}:${port}/v1`, connections), "Hi");
    await ask(`http://direct.localhost:${port}/v1`, connections).catch(() => {});
    assert.equal(asked, []);
    assert.is(upstream.asked[0], "POST /v1/chat/completions");
  }))));

cases("a client that leaves stops an upstream behind a proxy", () =>
  withProxy(({ url, left }) => withConnections({ HTTP_PROXY: url }, async (connections) => {
    const client = new AbortController();
    const { chat } = await modelAt("http://upstream.invalid/endless", connections);
    const { rest } = await peekFirst(chat(requestOf(), { signal: client.signal }));
    client.abort();
    await left;
    assert.is((await rest.next()).done, true);
  })));

cases.run();
