import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProxyError } from "../../../src/errors.ts";
import { decodeEmbedRequest, encodeEmbedResult } from "../../../src/protocols/openai-chat/embeddings.ts";
import { refusalOf } from "../../support/exchange.ts";

const answer = { id: "1", model: "vectors", createdSeconds: 1 };

const cases = suite("protocols/openai-chat/embeddings");

cases("reads a text, several, tokens, and lists of tokens", () => {
  for (const [input, inputs] of [["a", ["a"]], [["a", "b"], ["a", "b"]], [[1, 2], [[1, 2]]], [[[1], [2, 3]], [[1], [2, 3]]]]) {
    assert.equal(decodeEmbedRequest({ model: "vectors", input }).request, { model: "vectors", inputs });
  }
  assert.equal(decodeEmbedRequest({ model: "vectors", input: "a", dimensions: 3, encoding_format: "base64" }), {
    request: { model: "vectors", inputs: ["a"], dimensions: 3 },
    options: { isBase64: true },
  });
});

cases("refuses what is none of these, by its field", () => {
  for (const [body, param] of [
    [{ input: "a" }, "model"],
    [{ model: "m" }, "input"],
    [{ model: "m", input: [] }, "input"],
    [{ model: "m", input: Array.from({ length: 2049 }, () => "a") }, "input"],
    [{ model: "m", input: ["a", 1] }, "input[1]"],
    [{ model: "m", input: [[]] }, "input[0]"],
    [{ model: "m", input: "a", encoding_format: "hex" }, "encoding_format"],
  ] as const) {
    const refusal = refusalOf(() => decodeEmbedRequest(body));
    assert.instance(refusal, ProxyError);
    assert.is(refusal?.param, param);
  }
});

cases("writes vectors as numbers, or as base64 of 32-bit floats, little end first", () => {
  const result = { vectors: [[1, -0.5], [0.25]], inputTokens: 4 };
  assert.equal(JSON.parse(encodeEmbedResult(result, answer, { isBase64: false })), {
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: [1, -0.5] }, { object: "embedding", index: 1, embedding: [0.25] }],
    model: "vectors",
    usage: { prompt_tokens: 4, total_tokens: 4 },
  });
  const { data } = JSON.parse(encodeEmbedResult(result, answer, { isBase64: true })) as { data: readonly { embedding: string }[] };
  assert.equal(data.map(({ embedding }) => embedding), ["AACAPwAAAL8=", "AACAPg=="]);
});

cases.run();
