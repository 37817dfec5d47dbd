import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Batch, Batches } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import type { ChatRequest } from "../../src/chat/request.ts";
import { ProxyError } from "../../src/errors.ts";
import { createEchoHost } from "../../src/models/echo.ts";
import type { EchoOptions, Model } from "../../src/models/host.ts";
import { echoTarget } from "../support/config.ts";
import { createHandClock, type HandClock } from "../support/hand-clock.ts";

const requestOf = (text: string, changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "echo",
  messages: [{ role: "user", content: [{ type: "text", text }] }],
  tools: [],
  toolChoice: "auto",
  sampling: {},
  ignoredOptions: [],
  ...changes,
});

const modelOf = async (options: Partial<EchoOptions>, clock: HandClock): Promise<Model> => {
  const resolution = await createEchoHost(clock).resolve(echoTarget(options), { requestedName: "echo" });
  if (!("model" in resolution)) throw new Error(resolution.unavailable);
  return resolution.model;
};

interface Asked {
  readonly batches: Batches;
  readonly clock: HandClock;
  readonly abort: AbortController;
}

const ask = async (text: string, options: Partial<EchoOptions> = {}, changes: Partial<ChatRequest> = {}): Promise<Asked> => {
  const clock = createHandClock();
  const abort = new AbortController();
  const model = await modelOf(options, clock);
  return { batches: model.chat(requestOf(text, changes), { signal: abort.signal }), clock, abort };
};

const readAll = async (batches: Batches): Promise<readonly Batch[]> => {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

const batchesOf = async (text: string, options: Partial<EchoOptions> = {}, changes: Partial<ChatRequest> = {}): Promise<readonly Batch[]> =>
  readAll((await ask(text, options, changes)).batches);

const partsOf = async (...args: Parameters<typeof batchesOf>): Promise<readonly StreamPart[]> => (await batchesOf(...args)).flat();
const textsOf = async (...args: Parameters<typeof batchesOf>): Promise<readonly string[]> =>
  (await partsOf(...args)).flatMap((part) => (part.type === "text-delta" ? [part.text] : []));

const echoing = suite("models/echo");

echoing("answers in the form that was asked for, with the smallest value, unless it is told what to say", async () => {
  const schema = { type: "object", properties: { city: { type: "string", minLength: 2 }, zip: { type: "integer" } }, required: ["city"] };
  const format = { responseFormat: { type: "json-schema", name: "x", schema } } as const;
  assert.is((await textsOf("Hi", {}, format)).join(""), '{"city":"xx"}');
  assert.is((await textsOf("Hi", {}, { responseFormat: { type: "json" } })).join(""), "{}");
  assert.is((await textsOf("Hi", { reply: "told" }, format)).join(""), "told");
  const abilitiesOf = async (options: Partial<EchoOptions>) => (await modelOf(options, createHandClock())).abilities ?? [];
  assert.ok((await abilitiesOf({})).includes("response-format"));
  assert.not((await abilitiesOf({ reply: "told" })).includes("response-format"));
});

echoing("answers with the last user message, word by word, and counts words as tokens", async () => {
  const messages: ChatRequest["messages"] = [
    { role: "system", content: [{ type: "text", text: "Be brief." }] },
    { role: "user", content: [{ type: "text", text: "first" }] },
    { role: "assistant", content: [{ type: "text", text: "ok" }], toolCalls: [] },
    { role: "user", content: [{ type: "text", text: "  two\nlines " }, { type: "text", text: "😀" }] },
  ];
  assert.equal(await partsOf("", {}, { messages }), [
    { type: "text-delta", text: "  " },
    { type: "text-delta", text: "two\n" },
    { type: "text-delta", text: "lines " },
    { type: "text-delta", text: "😀" },
    { type: "finish", finishReason: "stop", usage: { inputTokens: 7, outputTokens: 4 } },
  ]);
});

echoing("answers with its reply where it has one", async () => {
  assert.equal(await textsOf("hello", { reply: "Hi there" }), ["Hi ", "there"]);
});

echoing("sends as many parts of as many bytes as asked", async () => {
  const texts = await textsOf("hello", { parts: 100, partBytes: 7 });
  assert.is(texts.length, 100);
  assert.ok(texts.every((text) => Buffer.byteLength(text) === 7));
});

echoing("sends bursts where there is no delay, and no large batch of large parts", async () => {
  assert.equal((await batchesOf("", { parts: 512 })).map(({ length }) => length), [256, 257]);
  assert.equal((await batchesOf("", { parts: 2, partBytes: 1_000_000 })).map(({ length }) => length), [1, 2]);
});

echoing("makes the next batch only when it is asked for", async () => {
  const { batches } = await ask("", { parts: 1_000_000_000, partBytes: 1000 });
  const iterator = batches[Symbol.asyncIterator]();
  await iterator.next();
  assert.equal(await iterator.return?.(), { done: true, value: undefined });
});

echoing("waits firstToken before the first part and delay between parts, and not before its finish", async () => {
  const { batches, clock } = await ask("", { parts: 2, firstTokenMs: 500, delayMs: 20 });
  const arrivals: { at: number; types: readonly string[] }[] = [];
  const reading = (async () => {
    for await (const batch of batches) arrivals.push({ at: clock.monotonic(), types: batch.map(({ type }) => type) });
  })();
  for (let ms = 0; ms < 1000; ms += 10) {
    await new Promise(setImmediate);
    clock.advance(10);
  }
  await reading;
  assert.equal(arrivals, [
    { at: 500, types: ["text-delta"] },
    { at: 520, types: ["text-delta", "finish"] },
  ]);
});

for (const phase of ["firstTokenMs", "delayMs"] as const) {
  echoing(`stops within its ${phase} when the signal aborts, and leaves no timer`, async () => {
    const { batches, clock, abort } = await ask("one two", { [phase]: 60_000 });
    const reading = readAll(batches);
    while (clock.waiting === 0) await new Promise(setImmediate);
    abort.abort();
    assert.ok((await reading).flat().every(({ type }) => type !== "finish"), "what was cut looks whole");
    assert.is(clock.waiting, 0);
  });
}

echoing("ends with length at the limit, and with stop where the answer just fits", async () => {
  assert.equal((await partsOf("one two three", {}, { maxOutputTokens: 2 })).slice(1), [
    { type: "text-delta", text: "two " },
    { type: "finish", finishReason: "length", usage: { inputTokens: 3, outputTokens: 2 } },
  ]);
  assert.match(JSON.stringify((await partsOf("one two", {}, { maxOutputTokens: 2 })).at(-1)), '"finishReason":"stop"');
});

for (const after of [0, 1, 3, 40]) {
  echoing(`fails with its status after ${after} parts`, async () => {
    const { batches } = await ask("", { parts: 40, fail: { status: 429, after } });
    const parts: StreamPart[] = [];
    try {
      for await (const batch of batches) parts.push(...batch);
      assert.unreachable("did not fail");
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
      assert.equal([error.status, error.type, error.code], [429, "rate_limit_error", "rate_limit_exceeded"]);
    }
    assert.is(parts.length, after);
    assert.ok(parts.every(({ type }) => type === "text-delta"));
  });
}

echoing("warns of each option that it does not pass on, before the answer", async () => {
  const [first] = await batchesOf("hi", {}, { ignoredOptions: ["logit_bias", "tools[0] (web_search)"] });
  assert.equal(first, [
    { type: "warning", message: "logit_bias is not passed on" },
    { type: "warning", message: "tools[0] (web_search) is not passed on" },
  ]);
});

echoing("answers an empty message with an empty answer that is whole", async () => {
  assert.equal(await partsOf(""), [{ type: "finish", finishReason: "stop", usage: { inputTokens: 0, outputTokens: 0 } }]);
});

echoing("reads a long run of blanks in linear time", async () => {
  // The square of this length would be far beyond the runner's deadline.
  const blanks = " ".repeat(3_000_000);
  const tools = [{ name: "now" }];
  assert.is((await textsOf(`CALLTOOL now${blanks}!`, {}, { tools })).join("").length, blanks.length + 13);
  assert.is((await textsOf(`CALLTOOL now {${blanks}!`, {}, { tools })).join("").length, blanks.length + 15);
});

echoing("answers for echo targets only", async () => {
  const resolution = await createEchoHost(createHandClock()).resolve({ kind: "selector", id: "x" }, { requestedName: "x" });
  assert.equal(Object.keys(resolution), ["unavailable"]);
});

echoing.run();
