import { once } from "node:events";
import { createServer, Server, type AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Config } from "../src/config/types.ts";
import { configOf, echo, listenerOf, routeOf, scripted } from "./support/config.ts";
import { connectRaw, rawPost, statusesIn } from "./support/raw-client.ts";
import { onSecondLoopback } from "./support/second-loopback.ts";
import { streamedText } from "./support/read.ts";
import { ask } from "./support/test-app.ts";
import { withServer, type TestServer } from "./support/test-server.ts";

let generations = 0;
/** Another configuration each time, whatever it says. */
const nextConfig = (changes: Partial<Config> = {}): Config => {
  generations += 1;
  return configOf({ generation: `gen-${generations}`, ...changes });
};

const listenOn = (...ports: readonly number[]): Partial<Config> => ({ listeners: [listenerOf({ ports })] });

const occupy = async (host = "127.0.0.1", port = 0): Promise<{ port: number; server: Server; release: () => Promise<void> }> => {
  const server = createServer((socket) => void socket.destroy());
  server.listen(port, host);
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async release() {
      server.close();
      await once(server, "close");
    },
  };
};

/** Ports that are free now. */
const freePorts = async (count: number): Promise<readonly number[]> => {
  const holders = await Promise.all(Array.from({ length: count }, () => occupy()));
  await Promise.all(holders.map(({ release }) => release()));
  return holders.map(({ port }) => port);
};

/** Runs `work` just before a server first tries to listen on the host; gives what takes that back. */
const onFirstListen = (host: string, work: () => void): (() => void) => {
  const listen = Server.prototype.listen;
  let isFirst = true;
  Server.prototype.listen = function watched(this: Server, ...args: unknown[]) {
    if (isFirst && JSON.stringify(args).includes(`"${host}"`)) {
      isFirst = false;
      work();
    }
    return Reflect.apply(listen, this, args) as Server;
  } as typeof listen;
  return () => void (Server.prototype.listen = listen);
};

const apply = async ({ proxy }: TestServer, config: Config): Promise<string> => (await proxy.apply(config)).result;
const urlsOf = ({ proxy }: TestServer): readonly string[] => proxy.status().listeners.map(({ url }) => url);
const generationAt = async (url: string): Promise<string | null> => (await fetch(`${url}/health`)).headers.get("x-llm-proxy-config");

const proxying = suite("proxy");

proxying("a new configuration meets the next request, on the same port, without one being refused", () =>
  withServer({}, async (server) => {
    assert.is(await generationAt(server.url), "00000001");
    const next = nextConfig({ models: [scripted("renamed")] });
    assert.is(await apply(server, next), "applied");
    assert.equal(urlsOf(server), [server.url]);
    assert.is(await generationAt(server.url), next.generation);
    assert.is((await server.post(ask())).status, 404);
    assert.equal(server.proxy.status().models, ["renamed"]);
  }));

proxying("the same configuration again changes nothing", () =>
  withServer({}, async (server) => {
    const next = nextConfig();
    assert.equal([await apply(server, next), await apply(server, { ...next })], ["applied", "unchanged"]);
  }));

proxying("all or nothing: a port that is taken leaves everything as it was", async () => {
  const holder = await occupy();
  const [free = 0] = await freePorts(1);
  await withServer({}, async (server) => {
    const result = await server.proxy.apply(nextConfig({ ...listenOn(free, holder.port), models: [] }));
    if (result.result !== "rejected") throw new Error("It was taken.");
    const [problem] = result.problems;
    assert.equal(problem?.path, ["listeners", "local", "ports", 1]);
    assert.match(problem?.message ?? "", `127.0.0.1:${holder.port}`);
    assert.ok((problem?.hint ?? "").length > 0);
    assert.equal([urlsOf(server), server.proxy.status().state, server.proxy.status().generation], [[server.url], "running", "00000001"]);
    assert.is((await server.post(ask({ model: "echo" }))).status, 200);
    // What had been bound for it was given back.
    await (await occupy("127.0.0.1", free)).release();
  });
  await holder.release();
});

proxying("a first configuration that cannot be had leaves it stopped, and the next one starts it", async () => {
  const holder = await occupy();
  await withServer({}, async (server) => {
    await server.proxy.close(0);
    assert.is(await apply(server, nextConfig(listenOn(holder.port))), "rejected");
    assert.equal([server.proxy.status().state, urlsOf(server)], ["stopped", []]);
    assert.is(await apply(server, nextConfig()), "applied");
    assert.is(server.proxy.status().state, "running");
  });
  await holder.release();
});

proxying("applies that come at once take effect one after another, and the last one stays", async () => {
  const ports = await freePorts(6);
  await withServer({}, async (server) => {
    const configs = ports.map((port) => nextConfig(listenOn(port)));
    const results = await Promise.all(configs.map((config) => server.proxy.apply(config)));
    assert.equal(results.map(({ result }) => result), configs.map(() => "applied"));
    assert.equal(urlsOf(server), [`http://127.0.0.1:${ports.at(-1)}`]);
    assert.is(await generationAt(urlsOf(server)[0] ?? ""), configs.at(-1)?.generation);
    for (const port of ports.slice(0, -1)) await (await occupy("127.0.0.1", port)).release();
  });
});

proxying("two listeners swap their ports under live connections", async () => {
  const [one = 0, two = 0] = await freePorts(2);
  const config = (first: number, second: number): Config => nextConfig({
    listeners: [listenerOf({ name: "a", ports: [first] }), listenerOf({ name: "b", ports: [second] })],
    routes: [routeOf({ listeners: ["a"], path: "/a" }), routeOf({ name: "b", listeners: ["b"], path: "/b" })],
  });
  await withServer({ config: config(one, two) }, async (server) => {
    const client = await connectRaw(one);
    const get = (path: string): void => client.write(`GET ${path}/models/echo HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    get("/a");
    await client.until(/"id":"echo"/);
    assert.is(await apply(server, config(two, one)), "applied");
    get("/b");
    await client.until(/"id":"echo"[^]*"id":"echo"/);
    assert.equal(statusesIn(client.received), [200, 200]);
    assert.equal(server.proxy.status().listeners.map(({ name, url }) => [name, url]), [["a", `http://127.0.0.1:${two}`], ["b", `http://127.0.0.1:${one}`]]);
    client.leave();
  });
});

proxying("a listener moves from 127.0.0.1 to 0.0.0.0 on its port and back; its streams go on", async () => {
  const [port = 0] = await freePorts(1);
  const at = (host: string): Config => nextConfig({ listeners: [listenerOf({ host, ports: [port] })] });
  await withServer({ config: at("127.0.0.1") }, async (server) => {
    const client = await connectRaw(port);
    client.write(rawPost(ask({ stream: true })));
    const call = await server.host.nextCall();
    call.say("before,");
    await client.until(/before,/);
    assert.is(await apply(server, at("0.0.0.0")), "applied");
    assert.is(await generationAt(`http://127.0.0.1:${port}`), server.proxy.status().generation);
    assert.is(await apply(server, at("127.0.0.1")), "applied");
    call.say("after");
    call.finish();
    await client.until(/\[DONE\]/);
    assert.match(client.received, "after");
    client.leave();
  });
});

onSecondLoopback(proxying)("where such a move fails, the old address is served again", async () => {
  const [port = 0] = await freePorts(1);
  // In the way of 0.0.0.0 and not of 127.0.0.1.
  const holder = await occupy("127.0.0.2", port);
  await withServer({ config: listenOn(port) }, async (server) => {
    const client = await connectRaw(port);
    client.write(rawPost(ask({ stream: true })));
    const call = await server.host.nextCall();
    call.say("before,");
    await client.until(/before,/);
    assert.is(await apply(server, nextConfig({ listeners: [listenerOf({ host: "0.0.0.0", ports: [port] })] })), "rejected");
    assert.is(await generationAt(`http://127.0.0.1:${port}`), "00000001");
    call.say("after");
    call.finish();
    await client.until(/after[^]*\[DONE\]/);
    client.leave();
    // And it can be moved elsewhere, which lets go of it whole.
    assert.is(await apply(server, nextConfig()), "applied");
    await (await occupy("127.0.0.1", port)).release();
  });
  await holder.release();
});

proxying("where two sockets wait for one that has to let go, it is had again all the same", async () => {
  const [port = 0] = await freePorts(1);
  const at = (...hosts: readonly string[]): Config => nextConfig({ listeners: hosts.map((host, index) => listenerOf({ name: index === 0 ? "local" : "other", host, ports: [port] })) });
  const wide = at("0.0.0.0");
  await withServer({ config: wide }, async (server) => {
    // TEST-NET-1: no machine has it.
    assert.is(await apply(server, at("127.0.0.1", "192.0.2.1")), "rejected");
    assert.is(await generationAt(`http://127.0.0.1:${port}`), wide.generation);
  });
});

proxying("where even the old address cannot be had again, the next configuration takes it back", async () => {
  const [port = 0] = await freePorts(1);
  const at = (host: string): Config => nextConfig({ listeners: [listenerOf({ host, ports: [port] })] });
  await withServer({ config: at("127.0.0.1") }, async (server) => {
    const holder = createServer((socket) => void socket.destroy());
    const stopListening = onFirstListen("0.0.0.0", () => holder.listen(port, "127.0.0.1"));
    try {
      assert.is(await apply(server, at("0.0.0.0")), "rejected");
      assert.ok(holder.listening, "the port was never taken");
    } finally {
      stopListening();
      if (holder.listening) await new Promise((resolve) => holder.close(resolve));
    }
    assert.is(await apply(server, at("127.0.0.1")), "applied");
    assert.is(await generationAt(`http://127.0.0.1:${port}`), server.proxy.status().generation);
  });
});

proxying("a stream ends on the configuration that it began with, on a listener that is gone", async () => {
  await withServer({}, async (server) => {
    const client = await connectRaw(server.port);
    client.write(rawPost(ask({ stream: true })));
    const call = await server.host.nextCall();
    call.say("one,");
    await client.until(/one,/);
    const [elsewhere = 0] = await freePorts(1);
    assert.is(await apply(server, nextConfig({ ...listenOn(elsewhere), models: [] })), "applied");
    await (await occupy("127.0.0.1", server.port)).release();
    call.say("two");
    call.finish();
    await client.until(/one,[^]*two[^]*\[DONE\]/);
    client.leave();
  });
});

proxying("stopping breaks off what an earlier reload left behind, within its grace", () =>
  withServer({}, async (server) => {
    const client = await connectRaw(server.port);
    client.write(rawPost(ask({ stream: true })));
    const call = await server.host.nextCall();
    const [elsewhere = 0] = await freePorts(1);
    await apply(server, nextConfig(listenOn(elsewhere)));
    await server.proxy.close(0);
    await call.aborted;
    await client.closed();
    assert.is(server.proxy.status().state, "stopped");
  }));

proxying("stopping frees the port, waits for what is in flight, and can be followed by a start", () =>
  withServer({}, async (server) => {
    const client = await connectRaw(server.port);
    client.write(rawPost(ask()));
    const call = await server.host.nextCall();
    const closing = server.proxy.close(60_000);
    call.say("whole");
    call.finish();
    assert.match(await client.closed(), "whole");
    await closing;
    assert.equal([server.proxy.status().state, urlsOf(server)], ["stopped", []]);
    assert.is(await apply(server, nextConfig()), "applied");
    assert.is((await fetch(`${urlsOf(server)[0]}/health`)).status, 200);
  }));

proxying("health says what runs, and a live connection hears that it is ending", () =>
  withServer({}, async (server) => {
    const { state, version, generation, instance } = (await (await fetch(`${server.url}/health`)).json()) as Record<string, unknown>;
    assert.equal({ state, version, generation, instance }, { state: "running", version: "0.0.0", generation: "00000001", instance: "test" });
    const client = await connectRaw(server.port);
    const get = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.write(get);
    await client.until(/"running"/);
    // Half of the second request is there when the proxy begins to stop, so that its connection is not idle; it has been
    // read once a later one has been answered.
    client.write(get.slice(0, 10));
    await (await fetch(`${server.url}/health`)).text();
    const closing = server.proxy.close(60_000);
    client.write(get.slice(10));
    const received = await client.closed();
    assert.equal(statusesIn(received), [200, 503]);
    assert.match(received, '"state":"draining"');
    await closing;
    const { requests, errorRate } = server.proxy.status().figures;
    assert.equal([requests, errorRate], [4, 0], "to say that it ends is no failure");
  }));

proxying("32 streams run through 100 reloads, byte for byte equal, and none is cut", () =>
  withServer({ config: { models: [echo("long", { parts: 100, delayMs: 5 })] } }, async (server) => {
    const body = { model: "long", stream: true, messages: [{ role: "user", content: "x" }] };
    const begun = await Promise.all(Array.from({ length: 32 }, () => server.post(body)));
    const read = Promise.all(begun.map((answer) => answer.text()));
    for (let reload = 0; reload < 100; reload += 1) {
      assert.is(await apply(server, nextConfig({ models: [echo("long", { reply: `other ${reload}` })] })), "applied");
      // A turn for the streams.
      await new Promise(setImmediate);
    }
    for (const text of await read) {
      assert.is(streamedText(text), `${"x".repeat(19)} `.repeat(100));
      assert.ok(text.endsWith("data: [DONE]\n\n"));
    }
    assert.is(streamedText(await (await server.post(body)).text()), "other 99");
  }));

/** How many of each kind of thing keep the process busy: servers, sockets, timers. */
const countResources = (): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
};

const grownSince = (before: ReadonlyMap<string, number>): readonly string[] =>
  [...countResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind, count]) => `${kind}: ${count}`);

/** A closed handle is gone some turns of the event loop later. */
const settle = async (isSettled: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 10_000 && !isSettled(); turn += 1) await new Promise(setImmediate);
};

proxying("200 reloads, half of them onto other ports, leave nothing behind", async () => {
  const [one = 0, two = 0] = await freePorts(2);
  await withServer({ config: listenOn(one) }, async (server) => {
    const client = await connectRaw(one);
    const before = countResources();
    const listenersBefore = process.eventNames().map((name) => process.listenerCount(name));
    for (let reload = 0; reload < 200; reload += 1) {
      await apply(server, nextConfig(reload % 2 === 0 ? listenOn(one, two) : listenOn(one)));
    }
    client.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await client.until(/200 OK/);
    await settle(() => grownSince(before).length === 0);
    assert.equal(grownSince(before), []);
    assert.equal(process.eventNames().map((name) => process.listenerCount(name)), listenersBefore);
    client.leave();
  });
});

proxying("tells of each change of its state", async () => {
  const states: string[] = [];
  await withServer({ onChange: (proxy) => void states.push(proxy.status().state) }, async (server) => {
    await apply(server, nextConfig());
    await server.proxy.close(0);
    assert.equal(states, ["starting", "running", "running", "draining", "stopped"]);
  });
});

proxying.run();
