import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countTokens } from "../../../src/models/openai-upstream/count-tokens.ts";

const cases = suite("models/openai-upstream/count-tokens");

cases("counts as OpenAI does", async () => {
  assert.is(await countTokens(""), 0);
  assert.is(await countTokens("Hello world, how are you?"), 7);
  assert.is(await countTokens("The quick brown fox jumps over the lazy dog. ".repeat(1000)), 10_001);
});

cases("words that steer a model are text like any other", async () => {
  assert.ok(await countTokens("<|endoftext|>") > 1);
});

cases("any text has no more tokens than bytes, and a token at least where there is text", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 3000 }), async (text) => {
    const tokens = await countTokens(text);
    assert.ok(tokens >= 1 && tokens <= Buffer.byteLength(text));
  }), { numRuns: 50 });
});

cases("lets others run while it counts a long run without a break", async () => {
  let turns = 0;
  const interval = setInterval(() => void (turns += 1), 0);
  await countTokens("a".repeat(100_000));
  clearInterval(interval);
  assert.ok(turns > 0);
});

cases.run();
