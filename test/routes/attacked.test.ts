// runner: deadline 120 s
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connectRaw, rawPost, statusesIn, type RawClient } from "../support/raw-client.ts";
import { onSecondLoopback } from "../support/second-loopback.ts";
import { ask } from "../support/test-app.ts";

const childPath = fileURLToPath(new URL("attacked-child.ts", import.meta.url));

const next = async <Message>(child: ChildProcess): Promise<Message> => ((await once(child, "message")) as [Message])[0];

interface Memory {
  /** The most since the last time, in bytes. */
  readonly peak: number;
  readonly rss: number;
  /** Of that what holds bytes of clients; the system gets back the rest of what was used in its own time. */
  readonly buffers: number;
}

const memoryOf = (child: ChildProcess): Promise<Memory> => {
  child.send("measure");
  return next(child);
};

const withChild = async (work: (child: ChildProcess, port: number) => Promise<void>): Promise<void> => {
  const child = fork(childPath, [], { execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"] });
  const ended = once(child, "exit");
  try {
    await work(child, (await next<{ port: number }>(child)).port);
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
};

const goodKey = "Authorization: Bearer good-key";
const normal = rawPost(ask({ model: "echo" }), [goodKey, "Connection: close"]);

/** What a client who does no harm gets meanwhile. */
const assertServed = async (port: number): Promise<void> => {
  const client = await connectRaw(port);
  client.write(normal);
  assert.equal(statusesIn(await client.closed()), [200]);
};

const head = (...headers: readonly string[]): string =>
  ["POST /v1/chat/completions HTTP/1.1", "Host: localhost", "Content-Type: application/json", goodKey, ...headers, "", ""].join("\r\n");

const mebibyte = "x".repeat(1024 ** 2);

/** Sends 21 MiB, as fast as they are taken, until all have left or the server has closed. */
const send21 = async (client: RawClient, wrap: (text: string) => string): Promise<void> => {
  for (let sent = 0; sent < 21 && !client.socket.destroyed; sent += 1) {
    if (client.socket.write(wrap(mebibyte))) continue;
    await Promise.race([once(client.socket, "drain"), client.closed()]).catch(() => {});
  }
};

const attacked = suite("routes/attacked");

attacked("21 MiB with a length are refused before they are read, and cost nothing", () =>
  withChild(async (child, port) => {
    await assertServed(port);
    const before = (await memoryOf(child)).rss;
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(port)));
    for (const client of clients) client.write(head(`Content-Length: ${21 * 1024 ** 2}`));
    await Promise.all(clients.map((client) => client.until(/413[^]*request_too_large/)));
    await assertServed(port);
    const { peak } = await memoryOf(child);
    assert.ok(peak - before < 30 * 1024 ** 2, `memory grew by ${Math.round((peak - before) / 1024 ** 2)} MiB`);
    for (const client of clients) client.leave();
  }));

attacked("21 MiB without a length are refused when 20 have come, which is all that each of them takes", () =>
  withChild(async (child, port) => {
    await assertServed(port);
    const before = (await memoryOf(child)).rss;
    const clients = await Promise.all(Array.from({ length: 4 }, () => connectRaw(port)));
    await Promise.all(clients.map(async (client) => {
      client.write(head("Transfer-Encoding: chunked"));
      await send21(client, (text) => `${text.length.toString(16)}\r\n${text}\r\n`);
      await client.until(/413/);
    }));
    await assertServed(port);
    for (const client of clients) client.leave();
    const { peak } = await memoryOf(child);
    assert.ok(peak - before < 4 * 40 * 1024 ** 2, `memory grew by ${Math.round((peak - before) / 1024 ** 2)} MiB`);
    await assertServed(port);
    const { rss } = await memoryOf(child);
    assert.ok(rss - before < 100 * 1024 ** 2, `${Math.round((rss - before) / 1024 ** 2)} MiB were not given back`);
  }));

attacked("sixty uploads of 20 MiB that stop before their end take 128 MiB and no more, and a small request passes all the while", () =>
  withChild(async (child, port) => {
    await assertServed(port);
    const before = (await memoryOf(child)).rss;
    const clients = await Promise.all(Array.from({ length: 60 }, () => connectRaw(port)));
    const refused: Promise<string>[] = [];
    for (const client of clients) {
      client.write(head(`Content-Length: ${20 * 1024 ** 2}`));
      for (let sent = 0; sent < 19 && !client.socket.destroyed; sent += 1) {
        if (!client.socket.write(mebibyte)) await Promise.race([once(client.socket, "drain"), client.closed()]).catch(() => {});
      }
      await assertServed(port);
      refused.push(client.until(/503[^]*retry-after: 1[^]*"code":"overloaded"/i));
    }
    // Six of them fit, of whom nobody hears until they go.
    const counted = Promise.withResolvers<void>();
    let left = 54;
    for (const refusal of refused) void refusal.then(() => ((left -= 1) === 0 ? counted.resolve() : undefined), () => {});
    await counted.promise;
    const { peak } = await memoryOf(child);
    assert.ok(peak - before < 300 * 1024 ** 2, `memory grew by ${Math.round((peak - before) / 1024 ** 2)} MiB`);
    for (const client of clients) client.leave();
    await Promise.allSettled(refused);
    await assertServed(port);
    // The server hears of those who have left in its own time.
    let { buffers } = await memoryOf(child);
    for (let asked = 0; buffers >= 10 * 1024 ** 2 && asked < 200; asked += 1) ({ buffers } = await memoryOf(child));
    assert.ok(buffers < 10 * 1024 ** 2, `${Math.round(buffers / 1024 ** 2)} MiB of bodies are still held`);
  }));

attacked("sixty frames of 20 MiB that stop before their end take no more either, and their WebSockets are closed", () =>
  withChild(async (child, port) => {
    await assertServed(port);
    const before = (await memoryOf(child)).rss;
    const clients = await Promise.all(Array.from({ length: 60 }, () => connectRaw(port)));
    const handshake = ["GET /v1/chat/completions HTTP/1.1", "Host: localhost", goodKey, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""].join("\r\n");
    // One text frame of 20 MiB, whose mask changes nothing.
    const frame = Buffer.alloc(14);
    frame[0] = 0x81;
    frame[1] = 0xff;
    frame.writeBigUInt64BE(BigInt(20 * 1024 ** 2), 2);
    for (const client of clients) {
      client.write(handshake);
      await client.until(/101 Switching/);
      client.write(frame);
      for (let sent = 0; sent < 19 && !client.socket.destroyed; sent += 1) {
        if (!client.socket.write(mebibyte)) await Promise.race([once(client.socket, "drain"), client.closed()]).catch(() => {});
      }
      await assertServed(port);
    }
    const { peak } = await memoryOf(child);
    assert.ok(peak - before < 300 * 1024 ** 2, `memory grew by ${Math.round((peak - before) / 1024 ** 2)} MiB`);
    for (const client of clients) client.leave();
  }));

// 420 MiB come in and are thrown away as they come.
attacked("bodies of clients without a key are not kept", () =>
  withChild(async (child, port) => {
    await assertServed(port);
    const before = (await memoryOf(child)).rss;
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(port)));
    await Promise.all(clients.map(async (client) => {
      client.write(head("Transfer-Encoding: chunked").replace(goodKey, "X: y"));
      await client.until(/401/);
      await send21(client, (text) => `${text.length.toString(16)}\r\n${text}\r\n`);
      client.leave();
    }));
    await assertServed(port);
    const { peak } = await memoryOf(child);
    assert.ok(peak - before < 150 * 1024 ** 2, `memory grew by ${Math.round((peak - before) / 1024 ** 2)} MiB`);
  }));

attacked("thousands of wrong keys are as many 401, nobody else waits, and nothing of them is kept", () =>
  withChild(async (child, port) => {
    await assertServed(port);
    const before = (await memoryOf(child)).rss;
    const guess = (client: number, count: number): string =>
      rawPost(ask(), [`Authorization: Bearer guess-${client}-${count}`, `Connection: ${count === 499 ? "close" : "keep-alive"}`]);
    const clients = await Promise.all(Array.from({ length: 10 }, () => connectRaw(port)));
    const answered = clients.map(async (client, number) => {
      for (let sent = 0; sent < 500; sent += 1) client.write(guess(number, sent));
      return statusesIn(await client.closed());
    });
    await assertServed(port);
    for (const statuses of await Promise.all(answered)) assert.equal(statuses, Array.from({ length: 500 }, () => 401));
    const { rss } = await memoryOf(child);
    assert.ok(rss - before < 40 * 1024 ** 2, `${Math.round((rss - before) / 1024 ** 2)} MiB were kept`);
  }));

/** What a browser could be made to send, from a page or under a rebound name. */
const fromPages: Readonly<Record<string, readonly [request: string, statuses: readonly number[]]>> = {
  "a form that posts text": [rawPost(ask(), ["Connection: close"]).replace("application/json", "text/plain").replace("Host: localhost", "Host: localhost\r\nOrigin: https://evil.test"), [403]],
  "the same without an origin": [rawPost(ask(), ["Connection: close", goodKey]).replace("application/json", "text/plain"), [415]],
  "a preflight": ["OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.test\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n", [403]],
  "a rebound name": [rawPost(ask(), ["Connection: close", goodKey]).replace("Host: localhost", "Host: rebound.evil.test"), [403]],
  "a page in a sandbox": [rawPost(ask(), ["Connection: close", goodKey]).replace("Host: localhost", "Host: localhost\r\nOrigin: null"), [403]],
  "a WebSocket": ["GET /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", [403]],
};

attacked("web pages get nothing, however they ask", () =>
  withChild(async (_child, port) => {
    for (const [what, [request, statuses]] of Object.entries(fromPages)) {
      const client = await connectRaw(port);
      client.write(request);
      assert.equal(statusesIn(await client.closed()), statuses, what);
    }
    await assertServed(port);
  }));

onSecondLoopback(attacked)("another address of this machine is served under that address, and under no name of its choice", () =>
  withChild(async (_child, port) => {
    const statusFor = async (host: string): Promise<readonly number[]> => {
      const client = await connectRaw(port, "127.0.0.2");
      client.write(normal.replace("Host: localhost", `Host: ${host}`));
      return statusesIn(await client.closed());
    };
    assert.equal(await statusFor(`127.0.0.2:${port}`), [200]);
    assert.equal(await statusFor("127.0.0.3"), [403]);
    assert.equal(await statusFor("intranet.test"), [403]);
  }));

attacked("three hundred bodies that trickle in chunks keep nobody waiting, and take next to nothing", () =>
  withChild(async (child, port) => {
    await assertServed(port);
    const before = (await memoryOf(child)).rss;
    const clients = await Promise.all(Array.from({ length: 300 }, () => connectRaw(port)));
    for (const client of clients) client.write(head("Transfer-Encoding: chunked"));
    for (let sent = 0; sent < 20; sent += 1) {
      for (const client of clients) client.write("1\r\n \r\n");
      await assertServed(port);
    }
    const { peak } = await memoryOf(child);
    assert.ok(peak - before < 60 * 1024 ** 2, `memory grew by ${Math.round((peak - before) / 1024 ** 2)} MiB`);
    for (const client of clients) client.leave();
  }));

attacked("bytes that are no UTF-8 and JSON of 100,000 levels are a 400 each", () =>
  withChild(async (_child, port) => {
    const post = async (body: Buffer): Promise<readonly number[]> => {
      const client = await connectRaw(port);
      client.write(head(`Content-Length: ${body.length}`, "Connection: close"));
      client.write(body);
      return statusesIn(await client.closed());
    };
    assert.equal(await post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), [400]);
    assert.equal(await post(Buffer.from("[".repeat(100_000) + "]".repeat(100_000))), [400]);
    assert.equal(await post(Buffer.from(`{"model":"echo","messages":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`)), [400]);
    await assertServed(port);
  }));

attacked.run();
