import { once } from "node:events";
import { Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BindError } from "../../src/listeners/bind.ts";
import { openListener, type App, type Listener } from "../../src/listeners/listener.ts";
import { connectRaw, statusesIn, type RawClient } from "../support/raw-client.ts";

const host = "127.0.0.1";

const appOf = (handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>): App => ({
  handle: async (request, response) => handle(request, response),
  upgrade: async () => ({ refusal: { status: 404, headers: {}, body: "" } }),
  receive() {},
});

const saying = (text: string): App => appOf((_request, response) => void response.end(text));

/** An app whose answers wait until the test lets them go. */
const createHeldApp = (): { app: App; held: Promise<ServerResponse> } => {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  return { app: appOf((_request, response) => resolve(response)), held: promise };
};

const occupy = async (port = 0, at = host): Promise<Server> => {
  const server = createServer();
  server.listen(port, at);
  await once(server, "listening");
  return server;
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const freePort = async (): Promise<number> => {
  const server = await occupy();
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
};

const withListener = async (app: App, work: (listener: Listener) => Promise<void>): Promise<void> => {
  const listener = await openListener({ host, port: 0 });
  listener.switch(app);
  try {
    await work(listener);
  } finally {
    await listener.close(0);
  }
};

const bindCode = async (address: { host: string; port: number }): Promise<string> => {
  try {
    const listener = await openListener(address);
    await listener.close(0);
    return "bound";
  } catch (error) {
    if (error instanceof BindError) return error.code;
    throw error;
  }
};

const isFree = async (port: number): Promise<boolean> => (await bindCode({ host, port })) === "bound";

const get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

const listeners = suite("listeners/listener");

listeners("binds exactly the host and port that it was asked for", async () => {
  const port = await freePort();
  const listener = await openListener({ host, port });
  listener.switch(saying("here"));
  assert.equal([listener.port, listener.url], [port, `http://127.0.0.1:${port}`]);
  assert.is(await (await fetch(listener.url)).text(), "here");
  await listener.close(0);
  assert.ok(await isFree(port));
});

listeners("0 is any free port, also for many at once", async () => {
  const opened = await Promise.all(Array.from({ length: 8 }, () => openListener({ host, port: 0 })));
  const ports = opened.map(({ port }) => port);
  await Promise.all(opened.map((listener) => listener.close(0)));
  assert.is(new Set(ports).size, 8);
  assert.ok(ports.every((port) => port > 1023));
});

listeners("says that a port is taken, and takes no other", async () => {
  const holder = await occupy();
  try {
    assert.is(await bindCode({ host, port: portOf(holder) }), "EADDRINUSE");
  } finally {
    holder.close();
  }
});

listeners("says so too when the port is taken between listhen's look and its bind", async () => {
  const port = await freePort();
  const holder = createServer();
  // listhen looks with a plain server and then listens with one of HTTP.
  const listen = HttpServer.prototype.listen;
  HttpServer.prototype.listen = function taken(this: HttpServer, ...args: unknown[]) {
    if (!holder.listening) holder.listen(port, host);
    return Reflect.apply(listen, this, args) as HttpServer;
  } as typeof listen;
  try {
    assert.is(await bindCode({ host, port }), "EADDRINUSE");
    assert.ok(holder.listening, "the port was never taken");
  } finally {
    HttpServer.prototype.listen = listen;
    holder.close();
  }
});

for (const port of [6000, 5060, 6667, 2049, 10_080]) {
  listeners(`refuses port ${port}, which browsers block, and binds no other instead`, async () => {
    assert.is(await bindCode({ host, port }), "EUNSAFE");
  });
}

// TEST-NET-1 and its like: addresses that no machine has.
for (const address of ["192.0.2.1", "2001:db8::1"]) {
  listeners(`refuses the address ${address}, which is not this machine's`, async () => {
    assert.is(await bindCode({ host: address, port: await freePort() }), "EADDRNOTAVAIL");
  });
}

for (const name of ["[::1]", "fe80::1%nowhere", "-", "a".repeat(64)]) {
  listeners(`refuses the host "${name}" instead of listening on localhost`, async () => {
    assert.is.not(await bindCode({ host: name, port: await freePort() }), "bound");
  });
}

const hasIpv6 = Object.values(networkInterfaces()).flat().some((address) => address?.address === "::1");
if (hasIpv6) {
  listeners("listens on IPv6, however it is written, and gives an address that works", async () => {
    for (const address of ["::1", "0:0:0:0:0:0:0:1"]) {
      const listener = await openListener({ host: address, port: 0 });
      listener.switch(saying("six"));
      assert.is(await (await fetch(listener.url)).text(), "six");
      await listener.close(0);
    }
  });
}

listeners("a name is bound as well", async () => {
  const listener = await openListener({ host: "localhost", port: 0 });
  listener.switch(saying("named"));
  assert.is(await (await fetch(listener.url)).text(), "named");
  await listener.close(0);
});

listeners("requests that come before the first app wait for it", async () => {
  const listener = await openListener({ host, port: 0 });
  const client = await connectRaw(listener.port);
  client.write(get);
  // The next connection is accepted after the first request was read.
  (await connectRaw(listener.port)).leave();
  assert.is(client.received, "");
  listener.switch(saying("at last"));
  await client.until(/at last/);
  client.leave();
  await listener.close(0);
});

listeners("a switch reaches the next request of a live connection; the one in flight ends where it began", async () => {
  const { app, held } = createHeldApp();
  await withListener(app, async (listener) => {
    const [waiting, idle] = [await connectRaw(listener.port), await connectRaw(listener.port)];
    waiting.write(get);
    const response = await held;
    listener.switch(saying("new app"));
    idle.write(get);
    await idle.until(/new app/);
    response.end("old app");
    await waiting.until(/old app/);
    waiting.write(get);
    await waiting.until(/new app/);
    assert.equal(statusesIn(waiting.received), [200, 200]);
    waiting.leave();
    idle.leave();
  });
});

listeners("letting go frees the port at once and nothing else; it can be taken again", async () => {
  await withListener(saying("one"), async (listener) => {
    const client = await connectRaw(listener.port);
    client.write(get);
    await client.until(/one/);
    listener.stopAccepting();
    assert.ok(await isFree(listener.port));
    listener.switch(saying("two"));
    client.write(get);
    assert.not.match(await client.until(/two/), /connection: close/i);
    await listener.acceptAgain();
    assert.is(await (await fetch(listener.url)).text(), "two");
    client.leave();
  });
});

listeners("says so when somebody was faster to take the port it had let go of", async () => {
  await withListener(saying(""), async (listener) => {
    listener.stopAccepting();
    const holder = await occupy(listener.port);
    try {
      await listener.acceptAgain();
      assert.unreachable();
    } catch (error) {
      assert.is(error instanceof BindError && error.code, "EADDRINUSE");
    } finally {
      holder.close();
    }
  });
});

listeners("a drain answers what idle connections still ask, and tells them that it is the last", async () => {
  const listener = await openListener({ host, port: 0 });
  listener.switch(saying("before"));
  const [fresh, used] = [await connectRaw(listener.port), await connectRaw(listener.port)];
  used.write(get);
  await used.until(/before/);
  const drained = listener.drain(60_000);
  assert.ok(await isFree(listener.port));
  listener.switch(saying("after"));
  for (const client of [fresh, used]) {
    client.write(get);
    const received = await client.closed();
    assert.match(received, /connection: close[^]*after/i);
  }
  await drained;
});

listeners("a drain lets an answer finish, and one that has not begun says that it is the last", async () => {
  const { app, held } = createHeldApp();
  const listener = await openListener({ host, port: 0 });
  listener.switch(app);
  const client = await connectRaw(listener.port);
  client.write(get);
  const response = await held;
  const drained = listener.drain(60_000);
  response.write("first,");
  await client.until(/first,/);
  response.end("last");
  assert.match(await client.closed(), /connection: close[^]*first,[^]*last/i);
  await drained;
});

listeners("a drain ends at its limit", async () => {
  const { app, held } = createHeldApp();
  const listener = await openListener({ host, port: 0 });
  listener.switch(app);
  const client = await connectRaw(listener.port);
  client.write(get);
  await held;
  await listener.drain(0);
  assert.is(await client.closed(), "");
});

listeners("close ends connections that never asked anything, and hurries a drain", async () => {
  const listener = await openListener({ host, port: 0 });
  listener.switch(saying(""));
  const client = await connectRaw(listener.port);
  const drained = listener.drain(60_000);
  const closed = listener.close(60_000);
  assert.is(await client.closed(), "");
  await Promise.all([drained, closed]);
});

listeners("a connection that has answered before is idle too", async () => {
  const listener = await openListener({ host, port: 0 });
  listener.switch(saying("one"));
  const client = await connectRaw(listener.port);
  client.write(get);
  await client.until(/one/);
  const closing = listener.close(60_000);
  await client.closed();
  await closing;
});

listeners("an answer that was handed over but not read yet is not cut", async () => {
  const body = Buffer.alloc(30_000_000, "x");
  const listener = await openListener({ host, port: 0 });
  const { promise, resolve } = Promise.withResolvers<void>();
  listener.switch(appOf((_request, response) => {
    response.end(body);
    resolve();
  }));
  const client = await connectRaw(listener.port);
  client.socket.pause();
  client.write(get);
  await promise;
  const closing = listener.close(60_000);
  // A turn in which a wrong listener would look for idle connections.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  client.socket.resume();
  assert.ok((await client.closed()).length > body.length);
  await closing;
});

listeners("a request that is still coming in is answered, and its connection closed", async () => {
  const listener = await openListener({ host, port: 0 });
  listener.switch(saying("answered"));
  const client = await connectRaw(listener.port);
  client.write(get);
  await client.until(/answered/);
  client.write(get.slice(0, 20));
  // Its bytes have arrived when a later connection has been answered.
  const later = await connectRaw(listener.port);
  later.write(get);
  await later.until(/answered/);
  const closing = listener.close(60_000);
  client.write(get.slice(20));
  const received = await client.closed();
  assert.equal(statusesIn(received), [200, 200]);
  assert.match(received.slice(received.lastIndexOf("HTTP/1.1")), /connection: close/i);
  await closing;
});

listeners("a connection whose answer had begun before close ends with that answer", async () => {
  const { app, held } = createHeldApp();
  const listener = await openListener({ host, port: 0 });
  listener.switch(app);
  const client = await connectRaw(listener.port);
  client.write(get);
  const response = await held;
  response.write("begun,");
  await client.until(/begun,/);
  const closing = listener.close(60_000);
  response.end("ended");
  const received = await client.closed();
  assert.match(received, /connection: keep-alive[^]*ended/i);
  await closing;
});

listeners("close breaks off what does not end within its grace", async () => {
  const { app, held } = createHeldApp();
  const listener = await openListener({ host, port: 0 });
  listener.switch(app);
  const client: RawClient = await connectRaw(listener.port);
  client.write(get);
  (await held).write("begun");
  await client.until(/begun/);
  await listener.close(0);
  assert.not.match(await client.closed(), /\r\n0\r\n\r\n/);
});

listeners("close ends a request for which no app ever came", async () => {
  const listener = await openListener({ host, port: 0 });
  const client = await connectRaw(listener.port);
  client.write(get);
  await listener.close(0);
  assert.is(await client.closed(), "");
});

listeners("closing twice, the second time in a hurry, is fine", async () => {
  const { app, held } = createHeldApp();
  const listener = await openListener({ host, port: 0 });
  listener.switch(app);
  const client = await connectRaw(listener.port);
  client.write(get);
  await held;
  const slow = listener.close(60_000);
  await listener.close(0);
  await slow;
});

listeners.run();
