import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { finish, playAnswers, text, toolCall } from "../support/played-call.ts";
import { emulated, partsOf, textOf } from "./emulated.ts";

const cases = suite("emulation/stop-sequences");

/** What a model gives that looks after each character whether a sequence is complete. */
const cutByHand = (whole: string, sequences: readonly string[]): string => {
  for (let end = 1; end <= whole.length; end += 1) {
    const found = sequences.filter((sequence) => whole.slice(0, end).endsWith(sequence));
    if (found.length > 0) return whole.slice(0, end - Math.max(...found.map(({ length }) => length)));
  }
  return whole;
};

const letters = fc.constantFrom("a", "b", "c", "\n", "😀");
const words = (maxLength: number, minLength = 0): fc.Arbitrary<string> => fc.array(letters, { minLength, maxLength }).map((list) => list.join(""));

cases("any split of any text into parts gives the same cut, by any sequences", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.array(words(5), { maxLength: 4 }), { maxLength: 8 }),
    fc.array(words(4, 1), { minLength: 1, maxLength: 4 }),
    async (pieces, stopSequences) => {
      const whole = pieces.flat().join("");
      const batches = pieces.filter(({ length }) => length > 0).map((batch) => batch.map(text));
      const parts = await partsOf(emulated(playAnswers([...batches, [finish()]]).call), { stopSequences });
      assert.is(textOf(parts), cutByHand(whole, stopSequences));
      assert.is(parts.filter(({ type }) => type === "finish").length, 1);
      assert.is(parts.at(-1)?.type, "finish");
    },
  ), { numRuns: 500 });
});

cases("stops the model at the cut, counts what it said, and tells which sequence it was", async () => {
  const played = playAnswers([[text("one E")], [text("ND two")], [text("three")], [finish()]]);
  const parts = await partsOf(emulated(played.call), { stopSequences: ["STOP", "END"] });
  assert.equal(parts, [text("one "), { type: "finish", finishReason: "stop", stopSequence: "END", usage: { inputTokens: 2, outputTokens: 4 } }]);
  assert.is(played.taken, 2);
  assert.is(played.released, 1);
  assert.is(played.requests[0]?.stopSequences, undefined);
});

cases("text that could begin a sequence is held back no longer than that", async () => {
  const played = playAnswers([[text("aE")], [text("Nb")], [finish()]]);
  assert.equal(await partsOf(emulated(played.call), { stopSequences: ["END"] }), [text("a"), text("ENb"), finish()]);
});

cases("text before a tool call stays before it", async () => {
  const call = toolCall("1", "look");
  const played = playAnswers([[text("E"), ...call, text("ND")], [finish("tool-calls")]]);
  assert.equal(await partsOf(emulated(played.call), { stopSequences: ["END"] }), [text("E"), ...call, text("ND"), finish("tool-calls")]);
});

cases("a host that stops by itself is asked to", async () => {
  const played = playAnswers([[text("END"), finish()]]);
  assert.equal(await partsOf(emulated(played.call, ["stop-sequences"]), { stopSequences: ["END"] }), [text("END"), finish()]);
  assert.equal(played.requests[0]?.stopSequences, ["END"]);
});

cases.run();
