import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentFiltered, modelFailed, modelQuotaExceeded, modelRefusedRequest, modelUnreachable, type FailureKind } from "../../src/errors.ts";
import { everyFailure, routeOf } from "../support/config.ts";
import { errorOf, eventsIn, readPieces, streamedText } from "../support/read.ts";
import type { ScriptedCall } from "../support/scripted-host.ts";
import { ask, createTestApp, type TestApp } from "../support/test-app.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("policies/fallback");

const minute = 60_000;

/** An app whose alias `test` stands for the models first, second and third, in that order. */
const createApp = (fallbackOn: readonly FailureKind[] = everyFailure, keepAliveMs = 0, maxRetries = 0): TestApp => createTestApp({
  config: {
    models: [{ name: "test", targets: ["first", "second", "third"].map((id) => ({ kind: "selector", id })), fallbackOn }],
    routes: [routeOf({ retry: { maxRetries, backoffMs: 250, maxBackoffMs: 5000 }, keepAliveMs })],
  },
});

const answered = async (call: ScriptedCall, text = "Hi"): Promise<void> => {
  call.say(text);
  call.finish();
  await nextTurn();
};

const failures: Readonly<Record<string, unknown>> = {
  "a wrong key at the upstream": modelFailed("Wrong key.", 401),
  "a quota that is used up": modelQuotaExceeded("scripted/first"),
  "consent refused": modelFailed("No.", 403),
  "a model that is gone": modelFailed("Gone.", 404),
  "a model that the service does not support": modelRefusedRequest("scripted/first", "not here.", "model_not_supported"),
  "a rate limit": modelFailed("Slow down.", 429),
  "a 503": modelFailed("Busy.", 503),
  "no connection": modelUnreachable("It is down."),
  "what a host did not foresee": new TypeError("x is not a function"),
};

for (const [name, failure] of Object.entries(failures)) {
  cases(`asks the next target after ${name}`, async () => {
    const { post, host, services } = createApp();
    const answer = post(ask());
    (await host.nextCall()).fail(failure);
    await answered(await host.nextCall(), "from the second");
    const response = await answer;
    assert.is(response.status, 200);
    assert.is(response.headers.get("x-llm-proxy-model"), "scripted/second");
    assert.is(response.headers.get("x-llm-proxy-attempts"), "2");
    assert.match(await response.text(), '"model":"test"');
    const [story] = services.lines.filter(({ event }) => event === "attempt failed");
    assert.is(story?.fields["model"], "scripted/first");
    assert.is(story?.fields["next"], "scripted/second");
    assert.is(story?.fields["alias"], "test");
    const [line] = services.lines.filter(({ event }) => event === "request");
    assert.is(line?.fields["model"], "scripted/second");
    assert.is(line?.fields["attempts"], 2);
  });
}

cases("asks the next target when an answer ends without a part, or its first token does not come in time", async () => {
  const { post, host, services } = createApp();
  const answer = post(ask());
  (await host.nextCall()).end();
  const silent = await host.nextCall();
  services.clock.advance(5 * minute);
  await silent.aborted;
  await answered(await host.nextCall());
  const response = await answer;
  assert.is(response.headers.get("x-llm-proxy-model"), "scripted/third");
  assert.is(response.headers.get("x-llm-proxy-attempts"), "3");
});

for (const [name, failure] of Object.entries({ "a request that is wrong": modelFailed("No such field.", 400), "an answer that was filtered": contentFiltered("scripted/first") })) {
  cases(`asks nobody else after ${name}`, async () => {
    const { post, host } = createApp();
    const answer = post(ask());
    (await host.nextCall()).fail(failure);
    assert.is((await answer).status, 400);
    assert.is(host.callCount, 1);
  });
}

cases("tries each target again before the next, and the log tells the whole story", async () => {
  const { post, host, services } = createApp(everyFailure, 0, 1);
  const answer = post(ask());
  (await host.nextCall()).fail(modelFailed("Busy.", 503));
  await nextTurn();
  services.clock.advance(250);
  (await host.nextCall()).fail(modelFailed("Still busy.", 503));
  await answered(await host.nextCall());
  const response = await answer;
  assert.is(response.headers.get("x-llm-proxy-attempts"), "3");
  const story = services.lines.filter(({ event }) => event === "attempt failed").map(({ fields }) => [fields["attempt"], fields["failure"], fields["error"], String(fields["next"]).replace(/\d+ ms/, "… ms")]);
  assert.equal(story, [[1, 503, "upstream_error", "again in … ms"], [2, 503, "upstream_error", "scripted/second"]]);
});

cases("asks nobody else after a failure that fallbackOn leaves out", async () => {
  const { post, host } = createApp(["network", 429]);
  const answer = post(ask());
  (await host.nextCall()).fail(modelFailed("Slow down.", 429));
  (await host.nextCall()).fail(modelUnreachable("It is down."));
  (await host.nextCall()).fail(modelFailed("Busy.", 503));
  assert.is((await answer).status, 503);
  const alone = createApp(["network"]);
  const refused = alone.post(ask());
  (await alone.host.nextCall()).fail(modelFailed("Busy.", 503));
  assert.is((await refused).status, 503);
  assert.is(alone.host.callCount, 1);
});

cases("5xx does not stand for a timeout of ours", async () => {
  const { post, host, services } = createApp(["5xx"]);
  const answer = post(ask());
  await host.nextCall();
  services.clock.advance(5 * minute);
  assert.is((await answer).status, 504);
  assert.is(host.callCount, 1);
});

cases("when all fail, the client gets the last failure and the number of attempts", async () => {
  const { post, host } = createApp();
  const answer = post(ask());
  for (const status of [500, 401, 503]) (await host.nextCall()).fail(modelFailed(`It failed with ${status}.`, status));
  const response = await answer;
  assert.is(response.status, 503);
  assert.is(response.headers.get("x-llm-proxy-attempts"), "3");
  assert.is((await errorOf(response)).message, "It failed with 503.");
});

cases("after the first part nobody else is asked: the stream ends in an error", async () => {
  const { post, host } = createApp();
  const answer = post(ask({ stream: true }));
  const call = await host.nextCall();
  call.say("half an ");
  const pieces = readPieces(await answer);
  const first = await pieces.next() ?? "";
  assert.is(streamedText(first), "half an ");
  call.fail(modelUnreachable("It broke off."));
  assert.match(eventsIn(await pieces.next() ?? "").at(-1) ?? "", /^\{"error":/);
  assert.is(host.callCount, 1);
});

cases("a plain answer that breaks after its first part is not begun anew elsewhere", async () => {
  const { post, host } = createApp();
  const answer = post(ask());
  const call = await host.nextCall();
  call.say("half an ");
  call.end();
  assert.is((await answer).status, 502);
  assert.is(host.callCount, 1);
});

cases("goes on behind a stream that a keep-alive has opened", async () => {
  const { post, host, services } = createApp(everyFailure, 15_000);
  const answer = post(ask({ stream: true }));
  const call = await host.nextCall();
  services.clock.advance(15_000);
  const response = await answer;
  call.fail(modelFailed("Busy.", 503));
  await answered(await host.nextCall(), "from the second");
  assert.is(streamedText(await response.text()), "from the second");
});

cases("a client that leaves is no failure: nobody else is asked", async () => {
  const { post, host } = createApp();
  const leave = new AbortController();
  const answer = post(ask(), { signal: leave.signal }).catch(() => {});
  const call = await host.nextCall();
  leave.abort();
  await call.released;
  await answer;
  await nextTurn();
  assert.is(host.callCount, 1);
});

cases("a target that keeps failing is asked last, and first again once it answers", async () => {
  const { post, host, services } = createApp();
  for (let count = 0; count < 5; count += 1) {
    const answer = post(ask());
    (await host.nextCall()).fail(modelFailed("Busy.", 503));
    await answered(await host.nextCall());
    assert.is((await answer).headers.get("x-llm-proxy-attempts"), "2");
  }
  const askOnce = async (): Promise<string | null> => {
    const answer = post(ask());
    await answered(await host.nextCall());
    return (await answer).headers.get("x-llm-proxy-model");
  };
  assert.equal(services.lines.filter(({ event }) => event === "model keeps failing").map(({ fields }) => fields["model"]), ["scripted/first"]);
  assert.is(await askOnce(), "scripted/second");
  services.clock.advance(30_000);
  assert.is(await askOnce(), "scripted/first");
  assert.is(await askOnce(), "scripted/first");
});

cases("a failing target is still the last resort", async () => {
  const { post, host } = createApp();
  const failAll = async (): Promise<void> => {
    const answer = post(ask());
    for (let count = 0; count < 3; count += 1) (await host.nextCall()).fail(modelFailed("Busy.", 503));
    await answer;
  };
  for (let count = 0; count < 5; count += 1) await failAll();
  const answer = post(ask());
  await answered(await host.nextCall());
  assert.is((await answer).status, 200);
});

cases.run();
