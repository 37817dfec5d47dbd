import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import type { TlsConfig } from "../src/config/types.ts";
import { createCertificate } from "./support/certificate.ts";
import { listenerOf } from "./support/config.ts";
import { freePort } from "./support/ports.ts";
import { connectRaw, rawPost } from "./support/raw-client.ts";
import { withProxies } from "./support/test-proxy.ts";

const tlsOf = (serial: number): TlsConfig => ({ certFile: "proxy.pem", keyFile: "proxy.key", ...createCertificate({ serial }) });

const [first, second] = [tlsOf(1), tlsOf(2)];

const health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

interface SecureClient {
  readonly socket: TLSSocket;
  readonly serial: number;
  /** Sends text and waits until what has come since matches. */
  ask(text: string, pattern: RegExp): Promise<string>;
}

const connectSecurely = async (port: number): Promise<SecureClient> => {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: [first.cert, second.cert] });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  socket.setEncoding("utf8");
  return {
    socket,
    serial: Number.parseInt(socket.getPeerCertificate().serialNumber, 16),
    async ask(text, pattern) {
      let received = "";
      socket.write(text);
      for await (const [chunk] of events(socket)) {
        received += chunk;
        if (pattern.test(received)) break;
      }
      return received;
    },
  };
};

const events = async function* (socket: TLSSocket): AsyncGenerator<[string]> {
  for (;;) yield (await once(socket, "data")) as [string];
};

const cases = suite("proxy/tls");

cases("a listener with tls serves https and says so", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port], tls: first })] });
  assert.equal(test.proxy.status().listeners, [{ name: "local", url: `https://127.0.0.1:${port}`, state: "listening" }]);
  const client = await connectSecurely(port);
  assert.ok(client.socket.authorized);
  assert.match(await client.ask(health, /running/), "200 OK");
  client.socket.destroy();
}));

cases("a renewed certificate is taken up without a rebind: running streams go on, new connections get it", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port], tls: first })] });
  const client = await connectSecurely(port);
  const call = test.host.nextCall();
  const begun = client.ask(rawPost({ model: "test", messages: [{ role: "user", content: "x" }], stream: true }), /begun/);
  (await call).say("begun");
  await begun;
  assert.equal(await test.apply({ listeners: [listenerOf({ ports: [port], tls: second })] }), { result: "applied" });
  const later = await connectSecurely(port);
  assert.equal([client.serial, later.serial], [1, 2]);
  (await call).finish();
  await client.ask("", /\[DONE\][^]*\r\n0\r\n\r\n/);
  // Bound anew, the connection from before would have been told that this is its last answer.
  assert.not.match(await client.ask(health, /running/), /connection: close/i);
  client.socket.destroy();
  later.socket.destroy();
}));

cases("a change of something else leaves the sessions that clients resume", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  const options = { port, host: "127.0.0.1", servername: "localhost", ca: [first.cert] };
  await test.apply({ listeners: [listenerOf({ ports: [port], tls: first })] });
  const before = connect(options);
  const [session] = (await once(before, "session")) as [Buffer];
  before.destroy();
  await test.apply({ listeners: [listenerOf({ ports: [port], tls: { ...first }, maxBodyBytes: 1000 })] });
  const after = connect({ ...options, session });
  await once(after, "secureConnect");
  assert.ok(after.isSessionReused());
  after.destroy();
}));

cases("a listener becomes secure on its port and plain again, under its streams", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port] })] });
  const plain = await connectRaw(port);
  plain.write(rawPost({ model: "test", messages: [{ role: "user", content: "x" }], stream: true }));
  const call = await test.host.nextCall();
  call.say("begun");
  await plain.until(/begun/);
  const idle = await connectRaw(port);
  assert.equal(await test.apply({ listeners: [listenerOf({ ports: [port], tls: first })] }), { result: "applied" });
  const secure = await connectSecurely(port);
  assert.match(await secure.ask(health, /running/), "200 OK");
  idle.write(rawPost({ model: "test" }));
  assert.match(await idle.closed(), " 503 ", "what is secure now is not served in the clear");
  assert.equal(await test.apply({ listeners: [listenerOf({ ports: [port] })] }), { result: "applied" });
  assert.ok((await fetch(`http://127.0.0.1:${port}/health`)).ok);
  call.finish();
  await plain.until(/\[DONE\]/);
  plain.leave();
  secure.socket.destroy();
}));

cases("credentials that cannot be used change nothing and are a problem at tls", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port], tls: first })] });
  for (const wrong of [{ key: first.key }, { key: "" }, { cert: "" }, { cert: "none" }]) {
    const applied = await test.apply({ listeners: [listenerOf({ ports: [port], tls: { ...second, ...wrong } })] });
    assert.equal(applied.result === "rejected" && applied.problems.map(({ path, code }) => [path, code]), [[["listeners", "local", "tls"], "ETLS"]]);
  }
  const client = await connectSecurely(port);
  assert.is(client.serial, 1);
  client.socket.destroy();
}));

cases("close ends secure connections that are idle, and those that never shook hands", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port], tls: first })], shutdown: { graceMs: 60_000 } });
  const [used, fresh, raw] = [await connectSecurely(port), await connectSecurely(port), await connectRaw(port)];
  await used.ask(health, /running/);
  const ended = [used, fresh].map(({ socket }) => once(socket, "close"));
  await test.proxy.close();
  await Promise.all([...ended, raw.closed()]);
}));

cases("a WebSocket is closed with 1001 when its listener leaves: at once when idle, else when its answer is complete", () => withProxies(async (create) => {
  const test = create();
  const [port, other] = [await freePort(), await freePort()];
  await test.apply({ listeners: [listenerOf({ ports: [port, other], tls: first })] });
  const url = `wss://127.0.0.1:${port}/v1/chat/completions`;
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(url, { ca: first.cert });
    await once(socket, "open");
    return socket;
  };
  const [idle, busy] = [await open(), await open()];
  busy.send(JSON.stringify({ model: "test", messages: [{ role: "user", content: "x" }] }));
  const call = await test.host.nextCall();
  const idleClosed = once(idle, "close");
  await test.apply({ listeners: [listenerOf({ ports: [other], tls: first })] });
  assert.is(((await idleClosed) as [number])[0], 1001);
  // What begins now is refused; what began before is answered.
  const frames: string[] = [];
  busy.on("message", (data: Buffer) => void frames.push(data.toString()));
  busy.send(JSON.stringify({ model: "test", request_id: "late", messages: [{ role: "user", content: "x" }] }));
  await once(busy, "message");
  assert.match(frames[0] ?? "", /"request_id":"late".*listener_removed/);
  const busyClosed = once(busy, "close");
  call.say("whole");
  call.finish();
  assert.is(((await busyClosed) as [number])[0], 1001);
  assert.match(frames.join("\n"), /whole[^]*\[DONE\]/);
}));

cases("a WebSocket whose proxy is stopping ends its answers and takes no new requests", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port] })], shutdown: { graceMs: 60_000 } });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/chat/completions`);
  await once(socket, "open");
  const ask = (requestId: string): void => socket.send(JSON.stringify({ model: "test", request_id: requestId, messages: [{ role: "user", content: "x" }] }));
  ask("early");
  const call = await test.host.nextCall();
  const closing = test.proxy.close();
  await test.until(() => test.proxy.status().state === "draining");
  const refusal = once(socket, "message");
  ask("late");
  assert.match(String(((await refusal) as [Buffer])[0]), /"request_id":"late".*The proxy is stopping/);
  const closed = once(socket, "close");
  call.finish();
  assert.is(((await closed) as [number])[0], 1001);
  await closing;
}));

cases("a WebSocket that is still answering when the grace is over is closed with 1001", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port] })] });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/chat/completions`);
  await once(socket, "open");
  socket.send(JSON.stringify({ model: "test", messages: [{ role: "user", content: "x" }] }));
  await test.host.nextCall();
  const closed = once(socket, "close");
  await test.proxy.close(0);
  assert.is(((await closed) as [number])[0], 1001);
}));

cases.run();
