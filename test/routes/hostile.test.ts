import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listenerOf } from "../support/config.ts";
import { connectRaw, statusesIn } from "../support/raw-client.ts";
import { ask } from "../support/test-app.ts";
import { withServer, type TestServer } from "../support/test-server.ts";

const lines = (...text: readonly string[]): string => `${text.join("\r\n")}\r\n`;
const post = (headers: readonly string[], body: string): string =>
  lines("POST /v1/chat/completions HTTP/1.1", "Host: localhost", "Content-Type: application/json", ...headers, "") + body;

const good = JSON.stringify(ask({ model: "echo" }));
const smuggled = "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** What a client writes, and the statuses of all that it gets before the server closes. */
type Shape = readonly [what: string, written: string, statuses: readonly number[]];

const shapes: readonly Shape[] = [
  // Too much.
  ["a flood of headers", lines("GET /health HTTP/1.1", "Host: localhost", ...Array.from({ length: 5000 }, (_, index) => `X-${index}: x`), ""), [431]],
  ["a header of a megabyte", lines("GET /health HTTP/1.1", "Host: localhost", `X: ${"x".repeat(1_000_000)}`, ""), [431]],
  ["a path of a megabyte", lines(`GET /${"x".repeat(1_000_000)} HTTP/1.1`, "Host: localhost", ""), [431]],
  ["a length of nine petabytes", post([`Content-Length: ${Number.MAX_SAFE_INTEGER}`, "Connection: close"], ""), [413]],
  ["a length beyond all numbers", post([`Content-Length: ${"9".repeat(40)}`], ""), [400]],
  ["a negative length", post(["Content-Length: -1"], ""), [400]],
  ["a length in words", post(["Content-Length: ten"], ""), [400]],
  ["a chunk beyond all numbers", post(["Transfer-Encoding: chunked"], `${"f".repeat(40)}\r\n`), [400]],
  ["a chunk extension of a megabyte", post(["Transfer-Encoding: chunked"], `1;${"x".repeat(1_000_000)}\r\n`), [413]],
  // Requests that two servers in a row may read as different ones.
  ["a length and chunks", post(["Content-Length: 5", "Transfer-Encoding: chunked"], `0\r\n\r\n${smuggled}`), [400]],
  ["chunks and a length", post(["Transfer-Encoding: chunked", "Content-Length: 5"], `0\r\n\r\n${smuggled}`), [400]],
  ["two lengths", post([`Content-Length: ${good.length}`, "Content-Length: 0"], good), [400]],
  ["a list of lengths", post([`Content-Length: ${good.length}, 0`], good), [400]],
  ["an unknown coding after chunked", post(["Transfer-Encoding: chunked, gzip"], `0\r\n\r\n${smuggled}`), [400]],
  ["an unknown coding", post(["Transfer-Encoding: xchunked"], `0\r\n\r\n${smuggled}`), [400]],
  ["two codings", post(["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], `0\r\n\r\n${smuggled}`), [400]],
  ["a blank before the colon", post(["Content-Length : 5"], `hello${smuggled}`), [400]],
  ["a folded header", post(["X: a", " Content-Length: 5"], ""), [400]],
  ["a header without a name", lines("GET /health HTTP/1.1", "Host: localhost", ": x", ""), [400]],
  ["a NUL in a header", lines("GET /health HTTP/1.1", "Host: localhost", "X: a\0b", ""), [400]],
  ["bare carriage returns", "GET /health HTTP/1.1\rHost: localhost\r\r", [400]],
  ["chunks that end in words", post(["Transfer-Encoding: chunked"], `${good.length.toString(16)}\r\n${good}XX0\r\n\r\n`), [400]],
  ["more than the length says", post([`Content-Length: ${good.length}`], `${good}XXXX\r\n\r\n`), [400]],
  // Who are you talking to?
  ["no Host", lines("GET /v1/models HTTP/1.1", ""), [400]],
  ["no Host, long ago", lines("GET /v1/models HTTP/1.0", ""), [403]],
  ["a foreign Host", lines("GET /v1/models HTTP/1.1", "Host: evil.test", "Connection: close", ""), [403]],
  ["two Hosts, the first foreign", lines("GET /v1/models HTTP/1.1", "Host: evil.test", "Host: localhost", "Connection: close", ""), [400]],
  ["two Hosts, the second foreign", lines("GET /v1/models HTTP/1.1", "Host: localhost", "host: evil.test", "Connection: close", ""), [400]],
  ["the same Host twice", lines("GET /health HTTP/1.1", "Host: localhost", "HOST: localhost", "Connection: close", ""), [400]],
  ["a whole address of another server, and our Host", lines("GET http://evil.test/health HTTP/1.1", "Host: localhost", "Connection: close", ""), [403]],
  ["a whole address of another server behind our name", lines("GET http://localhost@evil.test/health HTTP/1.1", "Host: localhost", "Connection: close", ""), [403]],
  ["a whole address of this server, and a foreign Host", lines("GET http://localhost/health HTTP/1.1", "Host: evil.test", "Connection: close", ""), [403]],
  ["a whole address of no server", lines("GET file:///health HTTP/1.1", "Host: localhost", "Connection: close", ""), [403]],
  ["a WebSocket for another server", lines("GET http://evil.test/v1/chat/completions HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", ""), [403]],
  ["a whole address of another server", lines("GET http://evil.test/v1/models HTTP/1.1", "Host: evil.test", "Connection: close", ""), [403]],
  // Other languages.
  ["words", "hello\r\n\r\n", [400]],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]],
  ["HTTP/9", lines("GET /health HTTP/9.9", "Host: localhost", ""), [400]],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]],
  ["a method that nobody knows", lines("STEAL /v1/models HTTP/1.1", "Host: localhost", ""), [400]],
  ["TRACE", lines("TRACE /v1/models HTTP/1.1", "Host: localhost", "Connection: close", ""), [405]],
  ["PROPFIND", lines("PROPFIND /v1/models HTTP/1.1", "Host: localhost", "Connection: close", ""), [405]],
  ["OPTIONS *", lines("OPTIONS * HTTP/1.1", "Host: localhost", "Connection: close", ""), [404]],
  ["a tunnel", lines("CONNECT evil.test:443 HTTP/1.1", "Host: localhost", ""), []],
  ["a whole address of this server", lines("GET http://localhost/v1/models HTTP/1.1", "Host: localhost", "Connection: close", ""), [200]],
  ["the model of a whole address", lines("GET http://localhost/v1/models/echo HTTP/1.1", "Host: localhost", "Connection: close", ""), [200]],
];

/** Sends one shape, waits until the server has closed, and asks for something plain. */
const survive = async (server: TestServer, written: string): Promise<readonly number[]> => {
  const client = await connectRaw(server.port);
  client.write(Buffer.from(written, "latin1"));
  const received = await client.closed();
  assert.is((await fetch(`${server.url}/health`)).status, 200, "a normal request does not work any more");
  return statusesIn(received);
};

const hostile = suite("routes/hostile");

for (const [what, written, statuses] of shapes) {
  hostile(`${what}: answered with ${statuses.join(", ") || "nothing"} and closed, and the next one is served`, () =>
    withServer({}, async (server) => {
      assert.equal(await survive(server, written), statuses);
    }));
}

hostile("a body that goes on past the limit is refused while it comes", () =>
  withServer({ config: { listeners: [listenerOf({ maxBodyBytes: 1000 })] } }, async (server) => {
    const client = await connectRaw(server.port);
    client.write(post(["Transfer-Encoding: chunked"], ""));
    client.write(`400\r\n${" ".repeat(1024)}\r\n`);
    await client.until(/413/);
    client.leave();
  }));

hostile("a refused body that its client sends to the end does not spoil the connection", () =>
  withServer({ config: { listeners: [listenerOf({ maxBodyBytes: 1000 })] } }, async (server) => {
    const client = await connectRaw(server.port);
    const body = " ".repeat(5000);
    client.write(post([`Content-Length: ${body.length}`], body));
    await client.until(/413/);
    if (/connection: close/i.test(client.received)) {
      await client.closed();
      return;
    }
    client.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await client.until(/200 OK/);
    client.leave();
  }));

hostile("requests in a row on one connection are answered in their order", () =>
  withServer({}, async (server) => {
    const client = await connectRaw(server.port);
    const asked = ["echo", "nope", "test"];
    client.write(asked.map((id) => `GET /v1/models/${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(""));
    await client.until(/"id":"test"/);
    assert.equal(statusesIn(client.received), [200, 404, 200]);
    client.leave();
  }));

hostile("a client that asks first whether its body is wanted is told", () =>
  withServer({}, async (server) => {
    const client = await connectRaw(server.port);
    client.write(post([`Content-Length: ${good.length}`, "Expect: 100-continue"], ""));
    await client.until(/100 Continue/);
    client.write(good);
    await client.until(/200 OK/);
    client.leave();
  }));

hostile("a thousand connections that say nothing leave room for one that asks", () =>
  withServer({}, async (server) => {
    const silent = await Promise.all(Array.from({ length: 1000 }, () => connectRaw(server.port)));
    assert.is((await server.post(ask({ model: "echo" }))).status, 200);
    for (const client of silent) client.leave();
  }));

hostile("100,000 levels of JSON over a socket are a 400, and the next request is served", () =>
  withServer({}, async (server) => {
    const text = "[".repeat(100_000) + "]".repeat(100_000);
    const answer = await fetch(`${server.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json" }, body: text });
    assert.is(answer.status, 400);
    assert.is((await fetch(`${server.url}/health`)).status, 200);
  }));

hostile.run();
