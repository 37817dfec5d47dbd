import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StreamPart } from "../../../src/chat/part.ts";
import { ProxyError } from "../../../src/errors.ts";
import { createAnswerDecoder, createStreamDecoder, createWholeDecoder } from "../../../src/models/openai-upstream/decode-stream.ts";

/**
 * What comes over the network, a piece each, and the batches that it gives; `error` is what it throws at the end. Ids that
 * were made here are `new 0`, `new 1`.
 */
interface Case {
  readonly chunks: readonly string[];
  readonly parts: readonly (readonly StreamPart[])[];
  readonly error?: { readonly status: number; readonly message: string };
}

const folder = new URL("cases/", import.meta.url);
const cases = suite("models/openai-upstream/decode-stream");

const decodeAll = (chunks: readonly Uint8Array[]): { batches: StreamPart[][]; error?: unknown } => {
  const decoder = createStreamDecoder("test");
  const batches: StreamPart[][] = [];
  const take = (parts: readonly StreamPart[]): void => void (parts.length > 0 && batches.push([...parts]));
  try {
    for (const chunk of chunks) take(decoder.decode(chunk));
    take(decoder.end());
    return { batches };
  } catch (error) {
    return { batches, error };
  }
};

const withNewIds = (batches: readonly (readonly StreamPart[])[]): readonly (readonly StreamPart[])[] => {
  const made: string[] = [];
  const rename = (id: string): string => {
    if (!/^call_[0-9a-f]{24}$/.test(id)) return id;
    if (!made.includes(id)) made.push(id);
    return `new ${made.indexOf(id)}`;
  };
  return batches.map((batch) => batch.map((part) => ("id" in part ? { ...part, id: rename(part.id) } : part)));
};

for (const file of readdirSync(folder)) {
  const { chunks, parts, error: expected } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case;
  cases(file.replace(".json", "").replaceAll("-", " "), () => {
    const { batches, error } = decodeAll(chunks.map((chunk) => Buffer.from(chunk)));
    assert.equal(withNewIds(batches), parts);
    assert.equal(error instanceof ProxyError ? { status: error.status, message: error.message } : error, expected);
  });
}

cases("makes the same parts whatever the pieces that the network cuts", () => {
  const text = 'data: {"choices":[{"delta":{"content":"Grüße 🚀"}}]}\n\ndata: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
  const bytes = Buffer.from(text);
  for (let size = 1; size < 40; size += 1) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
    assert.equal(decodeAll(pieces).batches.flat(), [{ type: "text-delta", text: "Grüße 🚀" }, { type: "finish", finishReason: "stop" }]);
  }
});

cases("reads a whole completion of an upstream that does not stream", () => {
  const decoder = createWholeDecoder("test");
  const message = { role: "assistant", content: "Hi", tool_calls: [{ id: "call_a", type: "function", function: { name: "one", arguments: "{}" } }] };
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  assert.equal(decoder.decode(Buffer.from(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "tool_calls" }], usage }))), []);
  assert.equal(decoder.end(), [
    { type: "text-delta", text: "Hi" },
    { type: "tool-call-start", id: "call_a", name: "one" },
    { type: "tool-call-delta", id: "call_a", argumentsText: "{}" },
    { type: "tool-call-end", id: "call_a" },
    { type: "finish", finishReason: "tool-calls", usage: { inputTokens: 1, outputTokens: 2 } },
  ]);
});

cases("a whole completion is whole without a reason too, and none without a choice", () => {
  const endOf = (body: object): readonly StreamPart[] => {
    const decoder = createWholeDecoder("test");
    decoder.decode(Buffer.from(JSON.stringify(body)));
    return decoder.end();
  };
  assert.equal(endOf({ choices: [{ message: { content: "Hi" }, finish_reason: null }] }), [{ type: "text-delta", text: "Hi" }, { type: "finish", finishReason: "stop" }]);
  assert.equal(endOf({ detail: "no" }), []);
});

cases("events are known as such whatever they are called, and JSON as JSON", () => {
  const delta = 'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n';
  const whole = '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}';
  for (const text of [delta, `: hello\n\n${delta}`, `\nevent: message\n${delta}`, whole, ` \n${whole}`]) {
    for (const type of [undefined, "text/plain; charset=utf-8", "application/json"]) {
      for (const size of [1, 7, 1000]) {
        const decoder = createAnswerDecoder("test", type);
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => Buffer.from(text.slice(index * size, (index + 1) * size)));
        const parts = [...pieces.flatMap((piece) => decoder.decode(piece)), ...decoder.end()];
        assert.equal(parts, [{ type: "text-delta", text: "Hi" }, { type: "finish", finishReason: "stop" }], `${type}: ${text}`);
      }
    }
  }
  for (const text of ["<html>", "no", ""]) {
    const decoder = createAnswerDecoder("test");
    decoder.decode(Buffer.from(text));
    assert.throws(() => decoder.end(), "not JSON");
  }
});

cases.run();
