import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StreamPart } from "../../src/chat/part.ts";
import type { TimeoutOptions } from "../../src/policies/timeout.ts";
import type { StreamEncoder } from "../../src/protocols/protocol.ts";
import type { Sink } from "../../src/routes/responder.ts";
import { writeStream } from "../../src/routes/write-stream.ts";
import { routeOf } from "../support/config.ts";
import { errorOf, eventsIn, readPieces } from "../support/read.ts";
import { createScriptedHost } from "../support/scripted-host.ts";
import { ask, createTestApp, type TestApp, type TestAppOptions } from "../support/test-app.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("policies/timeout");

const minute = 60_000;
const timeout: TimeoutOptions = { firstToken: { ms: 5 * minute }, idle: { ms: 2 * minute, setAt: "defaults.timeout.idle" }, total: { ms: 10 * minute, setAt: "routes[0].timeout.total" } };

const createApp = (changes: Partial<TimeoutOptions> = {}, keepAliveMs = 0, options: TestAppOptions = {}): TestApp =>
  createTestApp({ ...options, config: { routes: [routeOf({ timeout: { ...timeout, ...changes }, keepAliveMs })] } });

const streamed = ask({ stream: true });

for (const [form, body] of [["plain", ask()], ["streamed", streamed]] as const) {
  cases(`${form}: no first token in time is a 504 that names the limit`, async () => {
    const { post, host, services } = createApp();
    const answer = post(body);
    const call = await host.nextCall();
    services.clock.advance(5 * minute - 1);
    assert.is(call.signal.aborted, false);
    services.clock.advance(1);
    const response = await answer;
    assert.is(response.status, 504);
    assert.equal(await errorOf(response), {
      message: "scripted/scripted sent no first token within 5m, the default of timeout.firstToken. To wait longer, set it under defaults: or this route in .llmproxy.yaml.",
      type: "timeout_error",
      param: null,
      code: "timeout",
    });
    await call.released;
    assert.is(services.clock.waiting, 0);
  });

  cases(`${form}: the whole has its limit, even while nothing has begun`, async () => {
    const { post, host, services } = createApp({ firstToken: { ms: 0 } });
    const answer = post(body);
    const call = await host.nextCall();
    services.clock.advance(10 * minute);
    const response = await answer;
    assert.is(response.status, 504);
    assert.is(response.headers.get("x-should-retry"), "false");
    assert.is((await errorOf(response)).message, "The request was not answered completely within 10m, which is routes[0].timeout.total in .llmproxy.yaml. To wait longer, raise it there.");
    await call.released;
  });

  cases(`${form}: 0 switches each limit off`, async () => {
    const { post, host, services } = createApp({ firstToken: { ms: 0 }, idle: { ms: 0 }, total: { ms: 0 } });
    const answer = post(body);
    const call = await host.nextCall();
    services.clock.advance(100 * 24 * 60 * minute);
    call.say("late");
    await nextTurn();
    services.clock.advance(100 * 24 * 60 * minute);
    call.finish();
    const response = await answer;
    assert.is(response.status, 200);
    assert.match(await response.text(), "late");
  });
}

cases("plain: a model that falls silent in its answer is a 504", async () => {
  const { post, host, services } = createApp();
  const answer = post(ask());
  const call = await host.nextCall();
  call.say("one ");
  await nextTurn();
  services.clock.advance(2 * minute - 1);
  call.say("two ");
  await nextTurn();
  services.clock.advance(2 * minute - 1);
  assert.is(call.signal.aborted, false);
  services.clock.advance(1);
  const response = await answer;
  assert.is(response.status, 504);
  assert.is((await errorOf(response)).message, "scripted/scripted fell silent in the middle of its answer for 2m, which is defaults.timeout.idle in .llmproxy.yaml. To wait longer, raise it there.");
  await call.released;
  assert.is(services.clock.waiting, 0);
});

cases("streamed: a model that falls silent ends the stream with an error and no [DONE]", async () => {
  const { post, host, services } = createApp();
  const answer = post(streamed);
  const call = await host.nextCall();
  call.say("one ");
  const pieces = readPieces(await answer);
  const first = await pieces.next();
  assert.match(first ?? "", "one ");
  await nextTurn();
  services.clock.advance(2 * minute);
  const events = eventsIn(await restOf(pieces));
  assert.is(events.length, 1);
  assert.match(events[0] ?? "", /^\{"error":\{"message":"scripted\/scripted fell silent/);
  await call.released;
  assert.is(services.clock.waiting, 0);
});

cases("streamed: the whole has its limit, however lively the model is", async () => {
  const { post, host, services } = createApp();
  const answer = post(streamed);
  const call = await host.nextCall();
  call.say("0 ");
  const pieces = readPieces(await answer);
  for (let minutes = 1; minutes < 10; minutes += 1) {
    await pieces.next();
    await nextTurn();
    services.clock.advance(minute);
    call.say(`${minutes} `);
  }
  await pieces.next();
  await nextTurn();
  services.clock.advance(minute);
  assert.match(await restOf(pieces), "routes[0].timeout.total");
});

cases("streamed: after a keep-alive, what runs out is told in the stream", async () => {
  const { post, host, services } = createApp({}, 15_000);
  const answer = post(streamed);
  await host.nextCall();
  services.clock.advance(15_000);
  const response = await answer;
  assert.is(response.status, 200);
  services.clock.advance(5 * minute);
  const text = await response.text();
  assert.ok(text.startsWith(": "), text);
  const events = eventsIn(text);
  assert.is(events.length, 1);
  assert.match(events[0] ?? "", "sent no first token within 5m");
});

cases("idle does not count while the client has yet to read", async () => {
  const { post, host, services } = createApp();
  const answer = post(streamed);
  const call = await host.nextCall();
  call.say("one ");
  const pieces = readPieces(await answer);
  await pieces.next();
  await nextTurn();
  call.say("two ");
  await nextTurn();
  services.clock.advance(5 * minute);
  assert.is(call.signal.aborted, false);
  await pieces.next();
  await nextTurn();
  services.clock.advance(2 * minute);
  assert.match(await restOf(pieces), "fell silent");
});

cases("does not wait for a model that cannot be stopped, and lets its late answer go", async () => {
  const host = createScriptedHost({ ignoresSignal: true });
  const { post, services } = createApp({}, 0, { host });
  const answer = post(ask());
  const call = await host.nextCall();
  services.clock.advance(5 * minute);
  assert.is((await answer).status, 504);
  call.say("too late");
  await call.released;
});

cases("writes nothing more once a stream has ended in a timeout", async () => {
  const written: string[] = [];
  const stop = new AbortController();
  const parts = Promise.withResolvers<void>();
  const first = [{ type: "text-delta", text: "one" }] as const;
  const late = async function* (): AsyncGenerator<readonly StreamPart[]> {
    await parts.promise;
    yield [{ type: "text-delta", text: "too late" }];
  };
  const encoder: StreamEncoder = { encode: (batch, emit) => emit(JSON.stringify(batch)), end() {}, fail() {} };
  const sink: Sink = { emit: (data) => void written.push(data), flush: () => undefined, keepAlive() {}, end() {} };
  const writing = writeStream({ first, rest: late() }, encoder, sink, { signal: stop.signal, waitForModel() {}, waitForClient() {}, resumed() {}, finished() {} });
  stop.abort(new Error("It took too long."));
  parts.resolve();
  await writing.then(() => assert.unreachable(), ({ message }: Error) => assert.is(message, "It took too long."));
  assert.equal(written, [JSON.stringify(first)]);
});

const restOf = async ({ next }: { next(): Promise<string | undefined> }): Promise<string> => {
  let text = "";
  for (let piece = await next(); piece !== undefined; piece = await next()) text += piece;
  return text;
};

cases.run();
