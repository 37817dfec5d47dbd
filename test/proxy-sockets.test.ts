import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ApplyResult, ListenerStatus } from "../src/proxy.ts";
import { echo, listenerOf, routeOf } from "./support/config.ts";
import { freePort, freePorts, occupy, portOf, release } from "./support/ports.ts";
import { connectRaw, rawPost, statusesIn, type RawClient } from "./support/raw-client.ts";
import { onSecondLoopback } from "./support/second-loopback.ts";
import type { ScriptedCall } from "./support/scripted-host.ts";
import { withProxies, type TestProxy } from "./support/test-proxy.ts";

const ask = rawPost({ model: "test", messages: [{ role: "user", content: "hello" }], stream: true });
const health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

const models = "GET /v1/models/echo HTTP/1.1\r\nHost: localhost\r\n\r\n";

const portIn = ({ url }: { readonly url: string }): number => Number(new URL(url).port);

/** A stream that has begun: `say` and `finish` are the model's side of it. */
const openStream = async ({ host }: TestProxy, port: number): Promise<{ client: RawClient; call: ScriptedCall }> => {
  const client = await connectRaw(port);
  client.write(ask);
  const call = await host.nextCall();
  call.say("begun");
  await client.until(/begun/);
  return { client, call };
};

/** Lets a stream end, and says whether its client got all of it. */
const endStream = async ({ client, call }: { client: RawClient; call: ScriptedCall }): Promise<void> => {
  call.say("ended");
  call.finish();
  const received = await client.until(/\r\n0\r\n\r\n/);
  assert.match(received, /begun[^]*ended[^]*\[DONE\]/);
  client.leave();
};

/** What is in force and where. */
const standing = ({ proxy }: TestProxy): unknown => {
  const { state, generation, listeners, routes } = proxy.status();
  return { state, generation, listeners, routes };
};

const isServed = async (port: number, host = "127.0.0.1"): Promise<boolean> => {
  try {
    return (await fetch(`http://${host}:${port}/health`)).ok;
  } catch {
    return false;
  }
};

const problemOf = (applied: ApplyResult): { path: readonly unknown[]; message: string; hint: string } => {
  if (applied.result !== "rejected" || applied.problems[0] === undefined) throw new Error(`It was ${applied.result}.`);
  return applied.problems[0];
};

const cases = suite("proxy/sockets");

cases("connections from before a listener widened are served by the new one, once, and told to come again", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port] })] });
  const client = await connectRaw(port);
  client.write(health);
  await client.until(/running/);
  await test.apply({ listeners: [listenerOf({ host: "0.0.0.0", ports: [port] })], generation: "wide0000" });
  client.write(health);
  const received = await client.closed();
  assert.equal(statusesIn(received), [200, 200]);
  assert.match(received.slice(received.lastIndexOf("HTTP/1.1")), /x-llm-proxy-config: wide0000[^]*connection: close/i);
}));

onSecondLoopback(cases)("connections from before a listener narrowed are served only where its new host could still be reached", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ host: "0.0.0.0", ports: [port], allowedHosts: ["127.0.0.2"] })] });
  const [inside, outside] = [await connectRaw(port, "127.0.0.1"), await connectRaw(port, "127.0.0.2")];
  for (const client of [inside, outside]) {
    client.write(models);
    await client.until(/"id":"echo"/);
  }
  await test.apply({ listeners: [listenerOf({ ports: [port] })] });
  for (const client of [inside, outside]) client.write(models);
  assert.equal(statusesIn(await inside.closed()), [200, 200]);
  const refusal = await outside.closed();
  assert.equal(statusesIn(refusal), [200, 503]);
  assert.match(refusal, /connection: close[^]*no longer in .llmproxy.yaml/i);
}));

cases("a listener that is dropped lets its streams end, takes nobody new, and refuses in words what its connections still ask", () => withProxies(async (create) => {
  const test = create();
  const [kept = 0, dropped = 0] = await freePorts(2);
  await test.apply({ listeners: [listenerOf({ ports: [kept, dropped] })] });
  const stream = await openStream(test, dropped);
  const idle = await connectRaw(dropped);
  await test.apply({ listeners: [listenerOf({ ports: [kept] })] });
  assert.not.ok(await isServed(dropped));
  assert.ok(await isServed(kept));
  idle.write(ask);
  const refusal = await idle.closed();
  assert.equal(statusesIn(refusal), [503]);
  assert.match(refusal, /listener_removed/);
  assert.is(test.host.callCount, 1);
  await endStream(stream);
}));

cases("any free port is kept across changes, and once it is written down", () => withProxies(async (create) => {
  const test = create();
  await test.apply({ listeners: [listenerOf({ ports: [0] })] });
  const [before] = test.proxy.status().listeners;
  assert.ok(before);
  const stream = await openStream(test, portIn(before));
  await test.apply({ listeners: [listenerOf({ ports: [0], maxBodyBytes: 1000 })] });
  assert.equal(test.proxy.status().listeners, [before]);
  assert.equal(await test.apply({ listeners: [listenerOf({ ports: [portIn(before)] })] }), { result: "applied" });
  assert.equal(test.proxy.status().listeners, [before]);
  await endStream(stream);
}));

cases("a port that a stranger has changes nothing, names him, and offers a free one", () => withProxies(async (create) => {
  const test = create();
  const [mine = 0, next = 0, taken = 0] = await freePorts(4);
  const stranger = await occupy(taken);
  try {
    await test.apply({ listeners: [listenerOf({ ports: [mine] })] });
    const before = standing(test);
    const stream = await openStream(test, mine);
    const problem = problemOf(await test.apply({ listeners: [listenerOf({ ports: [next, taken] })] }));
    assert.equal(problem.path, ["listeners", "local", "ports", 1]);
    assert.match(problem.message, process.platform === "linux" ? `127.0.0.1:${taken} cannot be listened on: node (process ${process.pid}) has the port.` : "has the port");
    assert.match(problem.hint, /Port \d+ is free: write \d+ instead/);
    assert.equal(standing(test), before);
    assert.not.ok(await isServed(next), "what was bound before is given back");
    await endStream(stream);
  } finally {
    await release(stranger);
  }
}));

onSecondLoopback(cases)("where a wider address cannot be had, the old one takes its port again and its connections notice nothing", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  // On another address of this machine: in the way of all addresses, but not of 127.0.0.1.
  const stranger = await occupy(port, "127.0.0.2");
  try {
    await test.apply({ listeners: [listenerOf({ ports: [port] })] });
    const stream = await openStream(test, port);
    const idle = await connectRaw(port);
    const before = standing(test);
    assert.is((await test.apply({ listeners: [listenerOf({ host: "0.0.0.0", ports: [port] })] })).result, "rejected");
    assert.equal(standing(test), before);
    assert.ok(await isServed(port));
    idle.write(health);
    assert.not.match(await idle.until(/running/), /connection: close/i);
    idle.leave();
    await endStream(stream);
  } finally {
    await release(stranger);
  }
}));

cases("ifBusy next takes the first free port above, says so, and stays there", () => withProxies(async (create) => {
  const test = create({ ifBusy: "next" });
  const [taken = 0, asked = 0, found = 0] = await freePorts(3);
  const stranger = await occupy(taken);
  const listeners = { listeners: [listenerOf({ name: "a", ports: [taken] }), listenerOf({ name: "b", ports: [asked] })], routes: [routeOf({ listeners: ["a", "b"] })] };
  try {
    assert.is((await test.apply(listeners)).result, "applied");
    const expected = [
      { name: "a", url: `http://127.0.0.1:${found}`, state: "listening", insteadOf: taken },
      { name: "b", url: `http://127.0.0.1:${asked}`, state: "listening" },
    ];
    assert.equal(test.proxy.status().listeners, expected, "not the port that another listener asks for");
    assert.equal(test.services.lines.filter(({ level }) => level === "warn").map(({ event, fields }) => [event, fields["port"], fields["url"]]), [["port taken", taken, `http://127.0.0.1:${found}`]]);
    await release(stranger);
    await test.apply(listeners);
    assert.equal(test.proxy.status().listeners, expected, "clients are not moved about");
  } finally {
    await release(stranger);
  }
}));

const isListening = (listeners: readonly ListenerStatus[]): boolean => listeners.every(({ state }) => state === "listening");

cases("ifBusy wait: while this same file's proxy has a port it is waited for, the rest serves, and it is taken over when it is free", () => withProxies(async (create) => {
  const [shared = 0, own = 0] = await freePorts(2);
  const [first, second] = [create({ instance: "same" }), create({ instance: "same", ifBusy: "wait" })];
  await first.apply({ listeners: [listenerOf({ ports: [shared] })] });
  assert.equal(await second.apply({ listeners: [listenerOf({ ports: [shared, own] })], generation: "22222222" }), { result: "applied" });
  const { state, listeners } = second.proxy.status();
  assert.is(state, "running");
  assert.equal(listeners.map((listener) => [portIn(listener), listener.state, listener.problem]), [[shared, "waiting", undefined], [own, "listening", undefined]]);
  assert.ok(await isServed(own));
  await first.proxy.close(0);
  second.services.clock.advance(1000);
  await second.until(isListening);
  assert.is((await fetch(`http://127.0.0.1:${shared}/health`)).headers.get("x-llm-proxy-config"), "22222222");
}));

cases("ifBusy wait: with no other port the state is waiting", () => withProxies(async (create) => {
  const [first, second] = [create({ instance: "same" }), create({ instance: "same", ifBusy: "wait" })];
  const listeners = [listenerOf({ ports: [await freePort()] })];
  await first.apply({ listeners });
  await second.apply({ listeners });
  assert.is(second.proxy.status().state, "waiting");
  await first.proxy.close(0);
  second.services.clock.advance(1000);
  await second.until(isListening);
  assert.is(second.proxy.status().state, "running");
}));

cases("ifBusy wait: a stranger has six seconds to leave after the start, then he is a problem, and is still waited for", () => withProxies(async (create) => {
  const test = create({ ifBusy: "wait" });
  const stranger = await occupy();
  const port = portOf(stranger);
  try {
    assert.equal(await test.apply({ listeners: [listenerOf({ ports: [port] })] }), { result: "applied" });
    for (let second = 1; second <= 5; second += 1) await test.second();
    assert.equal(test.proxy.status().listeners.map(({ state, problem }) => [state, problem]), [["waiting", undefined]]);
    await test.second();
    await test.until(([listener]) => listener?.problem !== undefined);
    const [listener] = test.proxy.status().listeners;
    assert.equal(listener?.problem?.path, ["listeners", "local", "ports", 0]);
    assert.match(listener?.problem?.message ?? "", `${port} cannot be listened on`);
    await release(stranger);
    test.services.clock.advance(1000);
    await test.until(isListening);
    assert.is(test.proxy.status().listeners[0]?.problem, undefined);
  } finally {
    await release(stranger);
  }
}));

cases("ifBusy wait: a change of the file comes into force while a stranger has its port, and he stays named", () => withProxies(async (create) => {
  const test = create({ ifBusy: "wait" });
  const stranger = await occupy();
  const port = portOf(stranger);
  const listeners = [listenerOf({ ports: [port] })];
  try {
    await test.apply({ listeners });
    for (let second = 1; second <= 6; second += 1) await test.second();
    await test.until(([listener]) => listener?.problem !== undefined);
    const { problem } = test.proxy.status().listeners[0] ?? {};
    assert.equal(await test.apply({ listeners, models: [echo("new")] }), { result: "applied" });
    assert.equal([test.proxy.status().models, test.proxy.status().listeners[0]?.problem], [["new"], problem]);
    await release(stranger);
    test.services.clock.advance(1000);
    await test.until(isListening);
    assert.ok(await isServed(port));
  } finally {
    await release(stranger);
  }
}));

cases("ifBusy wait: once it runs, a stranger's port is refused at once", () => withProxies(async (create) => {
  const test = create({ ifBusy: "wait" });
  const [mine = 0, taken = 0] = await freePorts(2);
  const stranger = await occupy(taken);
  try {
    await test.apply({ listeners: [listenerOf({ ports: [mine] })] });
    const problem = problemOf(await test.apply({ listeners: [listenerOf({ ports: [mine, taken] })] }));
    assert.equal(problem.path, ["listeners", "local", "ports", 1]);
  } finally {
    await release(stranger);
  }
}));

cases("ifBusy wait: who was refused for a stranger's port is told when it is free, and not while it is taken", () => withProxies(async (create) => {
  const free = Promise.withResolvers<void>();
  let isTold = false;
  const test = create({ ifBusy: "wait", onPortFree: () => (isTold = true, free.resolve()) });
  const [mine = 0, taken = 0] = await freePorts(2);
  const stranger = await occupy(taken);
  try {
    await test.apply({ listeners: [listenerOf({ ports: [mine] })] });
    const wanted = { listeners: [listenerOf({ ports: [taken] })] };
    problemOf(await test.apply(wanted));
    await test.second();
    await test.second();
    assert.not(isTold);
    await release(stranger);
    test.services.clock.advance(1000);
    await free.promise;
    assert.is((await test.apply(wanted)).result, "applied");
    assert.is(test.services.clock.waiting, 0);
  } finally {
    await release(stranger);
  }
}));

cases("ifBusy wait: who was refused for a stranger's port waits for it once another window of the same file was faster", () => withProxies(async (create) => {
  const ours = Promise.withResolvers<void>();
  const [first, second] = [create({ instance: "same", ifBusy: "wait" }), create({ instance: "same", ifBusy: "wait", onPortFree: ours.resolve })];
  const [mine = 0, taken = 0] = await freePorts(2);
  const stranger = await occupy(taken);
  const wanted = { listeners: [listenerOf({ ports: [taken] })] };
  try {
    await second.apply({ listeners: [listenerOf({ ports: [mine] })] });
    problemOf(await second.apply(wanted));
    await second.second();
    await release(stranger);
    await first.apply(wanted);
    // Who has it is asked at the first look, and at every tenth after it.
    for (let look = 1; look < 10; look += 1) await second.second();
    second.services.clock.advance(1000);
    await ours.promise;
    assert.is((await second.apply(wanted)).result, "applied");
    assert.equal(second.proxy.status().listeners.map(({ state, problem }) => [state, problem]), [["waiting", undefined]]);
  } finally {
    await release(stranger);
  }
}));

cases("nobody looks after a port that the file asks for no more, that it would not wait for, or once it is closed", () => withProxies(async (create) => {
  const stranger = await occupy();
  const [mine, wanted] = [[listenerOf({ ports: [await freePort()] })], [listenerOf({ ports: [portOf(stranger)] })]];
  const [waiting, failing] = [create({ ifBusy: "wait" }), create({ ifBusy: "fail" })];
  try {
    for (const { apply, services } of [waiting, failing]) {
      await apply({ listeners: mine });
      problemOf(await apply({ listeners: wanted }));
      assert.is(services.clock.waiting, services === waiting.services ? 1 : 0);
      mine[0] = listenerOf({ ports: [await freePort()] });
    }
    await waiting.apply({ listeners: mine });
    assert.is(waiting.services.clock.waiting, 0);
    problemOf(await waiting.apply({ listeners: wanted }));
    await waiting.proxy.close(0);
    assert.is(waiting.services.clock.waiting, 0);
  } finally {
    await release(stranger);
  }
}));

cases("ifBusy wait: the proxy of another file is a stranger, called by its name", () => withProxies(async (create) => {
  const [first, second] = [create({ instance: "one" }), create({ instance: "two" })];
  const listeners = [listenerOf({ ports: [await freePort()] })];
  await first.apply({ listeners });
  assert.match(problemOf(await second.apply({ listeners })).message, /the LLM Proxy of another file/);
}));

cases("a change of the file ends the wait for a port that it asks for no more", () => withProxies(async (create) => {
  const [first, second] = [create({ instance: "same" }), create({ instance: "same", ifBusy: "wait" })];
  const [shared = 0, own = 0] = await freePorts(2);
  await first.apply({ listeners: [listenerOf({ ports: [shared] })] });
  await second.apply({ listeners: [listenerOf({ ports: [shared] })] });
  await second.apply({ listeners: [listenerOf({ ports: [own] })] });
  assert.equal(second.proxy.status().listeners.map(portIn), [own]);
  assert.is(second.services.clock.waiting, 0);
  await first.proxy.close(0);
  assert.not.ok(await isServed(shared));
}));

cases("close ends a wait and leaves no timer", () => withProxies(async (create) => {
  const [first, second] = [create({ instance: "same" }), create({ instance: "same", ifBusy: "wait" })];
  const listeners = [listenerOf({ ports: [await freePort()] })];
  await first.apply({ listeners });
  await second.apply({ listeners });
  await second.proxy.close();
  assert.is(second.services.clock.waiting, 0);
  assert.is(second.proxy.status().state, "stopped");
}));

cases("close lets answers end within the grace of the file, refuses what is new, and lets go of the port at once", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port] })], shutdown: { graceMs: 60_000 } });
  const stream = await openStream(test, port);
  const closed = test.proxy.close();
  await test.until(() => test.proxy.status().state === "draining");
  assert.not.ok(await isServed(port));
  await endStream(stream);
  await closed;
  assert.is(test.proxy.status().state, "stopped");
}));

cases("a second close in a hurry shortens the first", () => withProxies(async (create) => {
  const test = create();
  const port = await freePort();
  await test.apply({ listeners: [listenerOf({ ports: [port] })], shutdown: { graceMs: 60_000 } });
  const { client } = await openStream(test, port);
  const slow = test.proxy.close();
  await test.until(() => test.proxy.status().state === "draining");
  await test.proxy.close(0);
  await slow;
  await client.closed();
}));

cases("apply and close at the same moment come one after the other, in the order in which they were asked for", () => withProxies(async (create) => {
  const test = create();
  const [first = 0, second = 0] = await freePorts(2);
  const [, , applied] = await Promise.all([
    test.apply({ listeners: [listenerOf({ ports: [first] })] }),
    test.proxy.close(),
    test.apply({ listeners: [listenerOf({ ports: [second] })] }),
    test.proxy.close(),
  ]);
  assert.equal(applied, { result: "applied" });
  assert.is(test.proxy.status().state, "stopped");
  assert.equal([await isServed(first), await isServed(second)], [false, false]);
}));

cases.run();
