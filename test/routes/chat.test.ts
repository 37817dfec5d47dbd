import { suite } from "uvu";
import * as assert from "uvu/assert";
import { modelFailed } from "../../src/errors.ts";
import { echo } from "../support/config.ts";
import { errorOf, eventsIn, readPieces, streamedText } from "../support/read.ts";
import { usage } from "../support/scripted-host.ts";
import { ask, createTestApp, type TestApp } from "../support/test-app.ts";

/** The facts that the log has of the one request that was made. */
const recordOf = (app: TestApp): unknown => app.services.lines.filter(({ event }) => event === "request").map(({ fields }) => fields)[0];

const stream = ask({ stream: true });

const chat = suite("routes/chat");

chat("answers whole: JSON, the alias as its model, who answered in a header", async () => {
  const app = createTestApp();
  const pending = app.post(ask());
  const call = await app.host.nextCall();
  call.say("Hello", " you");
  call.finish();
  const answer = await pending;
  assert.is(answer.status, 200);
  assert.is(answer.headers.get("content-type"), "application/json; charset=utf-8");
  assert.is(answer.headers.get("x-llm-proxy-model"), "scripted/scripted");
  assert.is(answer.headers.get("x-llm-proxy-config"), "00000001");
  const body = (await answer.json()) as { model: string; created: number; choices: readonly { message: { content: string } }[] };
  assert.equal([body.model, body.created, body.choices[0]?.message.content], ["test", 1_700_000_000, "Hello you"]);
  await call.released;
});

chat("hands the model what was asked", async () => {
  const app = createTestApp();
  const pending = app.post(ask({ temperature: 0.5, max_tokens: 7 }));
  const call = await app.host.nextCall();
  assert.equal([call.request.model, call.request.sampling, call.request.maxOutputTokens], ["test", { temperature: 0.5 }, 7]);
  call.finish();
  await pending;
});

chat("names in the log, at debug, what nobody reads, and never what is in it", async () => {
  const app = createTestApp();
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${"x".repeat(50)}${index}`, "secret"]));
  const pending = app.post(ask({ user: "secret", metadata: { a: "secret" }, ...many }));
  const call = await app.host.nextCall();
  call.finish();
  assert.is((await pending).status, 200);
  const [line] = app.services.lines.filter(({ event }) => event === "fields not read");
  assert.is(line?.level, "debug");
  const fields = line?.fields["fields"] as readonly string[];
  assert.equal(fields.slice(0, 3), ["user", "metadata", "x".repeat(40)]);
  assert.is(fields.length, 20);
  assert.not.match(JSON.stringify(app.services.lines), "secret");
});

chat("streams: each batch leaves as it comes, in one piece", async () => {
  const app = createTestApp();
  const pending = app.post(stream);
  const call = await app.host.nextCall();
  call.say("Hel", "lo");
  const answer = await pending;
  assert.is(answer.status, 200);
  assert.is(answer.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.is(answer.headers.get("cache-control"), "no-cache");
  assert.is(answer.headers.get("x-request-id"), "req-1");
  const pieces = readPieces(answer);
  const first = await pieces.next() ?? "";
  assert.is(streamedText(first), "Hello");
  assert.is(eventsIn(first).length, 3, "the role and two texts");
  call.say(" you");
  assert.is(streamedText(await pieces.next() ?? ""), " you");
  call.finish();
  assert.equal(eventsIn(await pieces.next() ?? "").at(-1), "[DONE]");
  assert.is(await pieces.next(), undefined);
  await call.released;
});

for (const isStreamed of [false, true]) {
  const how = isStreamed ? "streamed" : "whole";
  chat(`logs who asked for what and who answered, and no word of either: ${how}`, async () => {
    const app = createTestApp();
    const pending = app.post(ask({ stream: isStreamed, messages: [{ role: "user", content: "my secret prompt" }] }));
    const call = await app.host.nextCall();
    app.services.clock.advance(120);
    call.say("a secret answer");
    call.finish();
    await (await pending).text();
    const { id, route, alias, model, streamed, status, inputTokens, outputTokens, firstPartMs, ended } = recordOf(app) as Record<string, unknown>;
    assert.equal({ id, route, alias, model, streamed, status, inputTokens, outputTokens, firstPartMs, ended }, {
      id: "req-1", route: "main", alias: "test", model: "scripted/scripted", streamed: isStreamed, status: 200, ...usage, firstPartMs: 120, ended: "complete",
    });
    assert.not.match(JSON.stringify(app.services.lines), "secret");
  });

  chat(`a model that fails before its first part gives its real status: ${how}`, async () => {
    for (const [status, type, code] of [
      [400, "invalid_request_error", null],
      [404, "invalid_request_error", null],
      [429, "rate_limit_error", "rate_limit_exceeded"],
      [503, "server_error", "upstream_error"],
      [504, "timeout_error", "timeout"],
    ] as const) {
      const app = createTestApp();
      const pending = app.post(ask({ stream: isStreamed }));
      const call = await app.host.nextCall();
      call.send({ type: "warning", message: "not yet an answer" });
      call.fail(modelFailed("The model said no.", status));
      const answer = await pending;
      assert.is(answer.status, status);
      assert.is(answer.headers.get("content-type"), "application/json; charset=utf-8");
      assert.equal(await errorOf(answer), { message: "The model said no.", type, param: null, code });
    }
  });

  chat(`a model that ends without a part is a 502 that may be tried again: ${how}`, async () => {
    const app = createTestApp();
    const pending = app.post(ask({ stream: isStreamed }));
    (await app.host.nextCall()).end();
    const answer = await pending;
    assert.is(answer.status, 502);
    assert.is((await errorOf(answer)).message, "scripted/scripted ended its answer without a single part. Asking again may help.");
  });

  chat(`an answer of nothing but its finish is whole: ${how}`, async () => {
    const app = createTestApp();
    const pending = app.post(ask({ stream: isStreamed }));
    (await app.host.nextCall()).finish();
    const answer = await pending;
    assert.is(answer.status, 200);
    assert.match(await answer.text(), '"finish_reason":"stop"');
  });

  chat(`what is no error of ours is a 500 that tells nothing, and a line in the log: ${how}`, async () => {
    for (const thrown of [new Error("my secret path"), "my secret string", undefined]) {
      const app = createTestApp();
      const pending = app.post(ask({ stream: isStreamed }));
      (await app.host.nextCall()).fail(thrown);
      const answer = await pending;
      assert.is(answer.status, 500);
      assert.not.match(await answer.text(), "secret");
      assert.equal(app.services.lines.filter(({ level }) => level === "error").map(({ fields }) => fields["id"]), ["req-1"]);
    }
  });

  chat(`a warning reaches the client's headers, and the log: ${how}`, async () => {
    const app = createTestApp();
    const pending = app.post(ask({ stream: isStreamed }));
    const call = await app.host.nextCall();
    call.send({ type: "warning", message: "seed is not passed on" }, { type: "warning", message: "größer\r\nx: y" });
    call.say("Hi");
    call.finish();
    const answer = await pending;
    assert.is(answer.headers.get("x-llm-proxy-warnings"), "seed is not passed on; gr??er??x: y");
    await answer.text();
    assert.equal(app.services.lines.at(-1)?.fields["warnings"], ["seed is not passed on", "größer\r\nx: y"]);
  });
}

chat("a stream that fails in the middle says so inside it, and never ends cleanly", async () => {
  const app = createTestApp();
  const pending = app.post(stream);
  const call = await app.host.nextCall();
  call.say("Hal");
  const answer = await pending;
  call.fail(modelFailed("The model broke.", 503));
  const events = eventsIn(await answer.text());
  assert.equal(JSON.parse(events.at(-1) ?? ""), { error: { message: "The model broke.", type: "server_error", param: null, code: "upstream_error" } });
  assert.not.ok(events.includes("[DONE]"));
  assert.is((recordOf(app) as { error: string; ended: string }).error, "upstream_error");
});

chat("a stream that is cut never looks whole", async () => {
  const app = createTestApp();
  const pending = app.post(stream);
  const call = await app.host.nextCall();
  call.say("Hal");
  call.end();
  const events = eventsIn(await (await pending).text());
  assert.match(events.at(-1) ?? "", '{"error":{"message":"The answer of scripted/scripted ended in the middle."');
  assert.not.ok(events.includes("[DONE]"));
});

chat("a whole answer that is cut is a 502", async () => {
  const app = createTestApp();
  const pending = app.post(ask());
  const call = await app.host.nextCall();
  call.say("Hal");
  call.end();
  assert.is((await pending).status, 502);
});

chat("the echo model answers through the same way", async () => {
  const app = createTestApp({ config: { models: [echo("echo", { parts: 100 })] } });
  const text = await (await app.post(ask({ model: "echo", stream: true }))).text();
  assert.is(streamedText(text), `${"x".repeat(19)} `.repeat(100));
  assert.is(eventsIn(text).at(-1), "[DONE]");
});

chat("two answers at once are told apart", async () => {
  const app = createTestApp();
  const pending = [app.post(stream), app.post(stream)];
  const [one, two] = [await app.host.nextCall(), await app.host.nextCall()];
  two.say("two");
  one.say("one");
  one.finish();
  two.finish();
  const texts = await Promise.all(pending.map(async (answer) => (await answer).text()));
  assert.equal(texts.map(streamedText), ["one", "two"]);
});

chat.run();
