import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createCollector } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import { openaiChat } from "../../src/protocols/openai-chat/index.ts";
import type { ChatEndpoint } from "../../src/protocols/protocol.ts";
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

/** Cuts a text anywhere, also within a character. */
const cutAt = (whole: string, places: readonly number[]): readonly string[] => {
  const ends = [...new Set(places.map((place) => place % (whole.length + 1)))].toSorted((a, b) => a - b);
  return [...ends, whole.length].map((end, index) => whole.slice(index === 0 ? 0 : ends[index - 1], end));
};

const { decodeRequest, encodeResult, encodeStream } = openaiChat.endpoints[0] as ChatEndpoint;
const facts = { id: "1", model: "test", createdSeconds: 1 };
const { options } = decodeRequest({ model: "test", messages: [{ role: "user", content: "Hi" }] });

/** The text that a client puts together from a stream. */
const streamed = (parts: readonly StreamPart[]): string => {
  const texts: string[] = [];
  const encoder = encodeStream(facts, options);
  for (const part of parts) encoder.encode([part], (data) => texts.push((JSON.parse(data) as { choices: [{ delta: { content?: string } }] }).choices[0].delta.content ?? ""));
  assert.ok(texts.every((one) => one.isWellFormed()), "no event has half a character");
  return texts.join("");
};

cases("any text, cut anywhere, reaches the client alike, whole and streamed, and without half a character", async () => {
  const characterList = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), { maxLength: 30 });
  await fc.assert(fc.asyncProperty(characterList, fc.array(fc.nat(), { maxLength: 8 }), fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 3 }), { maxLength: 3 }), fc.nat(), async (characters, places, others, at) => {
    const whole = characters.join("");
    // Some that are in the text, and some that are hardly.
    const stop = characters.slice(at % (characters.length + 1)).slice(0, 2).join("");
    const stopSequences = [...others, ...(stop === "" ? [] : [stop])];
    const batches = cutAt(whole, places).filter((piece) => piece !== "").map((piece) => [text(piece)]);
    const parts = await partsOf(emulated(playAnswers([...batches, [finish()]]).call), { stopSequences });
    const expected = cutByHand(whole, stopSequences).toWellFormed();
    assert.is(streamed(parts), expected);
    const collector = createCollector();
    collector.add(parts);
    const { choices: [choice] } = JSON.parse(encodeResult(collector.result(), facts, options)) as { choices: [{ message: { content: string } }] };
    assert.is(choice.message.content, expected);
  }), { numRuns: 500 });
});

cases("stops the model at the cut, counts what it said, and tells which sequence it was", async () => {
  const played = playAnswers([[text("one E")], [text("ND two")], [text("three")], [finish()]]);
  const parts = await partsOf(emulated(played.call), { stopSequences: ["STOP", "END"] });
  assert.equal(parts, [text("one "), { type: "finish", finishReason: "stop", stopSequence: "END", usage: { inputTokens: 2, outputTokens: 4 } }]);
  assert.is(played.taken, 2);
  assert.is(played.released, 1);
  assert.is(played.requests[0]?.stopSequences, undefined);
});

cases("what is counted by another tokenizer than the model's is called an estimate", async () => {
  const parts = await partsOf(emulated(playAnswers([[text("one END")], [finish()]]).call, [], { estimatesTokens: true }), { stopSequences: ["END"] });
  assert.equal(parts, [
    text("one "),
    { type: "warning", message: "the usage of an answer that is ended at a stop sequence here is an estimate" },
    { type: "finish", finishReason: "stop", stopSequence: "END", usage: { inputTokens: 2, outputTokens: 4 } },
  ]);
  const whole = await partsOf(emulated(playAnswers([[text("one"), finish()]]).call, [], { estimatesTokens: true }), { stopSequences: ["END"] });
  assert.equal(whole, [text("one"), finish()]);
});

cases("the sequence that is complete first cuts, not the one that begins first; of two that end together the longest", async () => {
  for (const [pieces, stopSequences, cut] of [
    [["abcdef"], ["abcde", "bc"], "a"],
    [["ab", "cd", "ef"], ["abcde", "bc"], "a"],
    [["abcdef"], ["bc", "abcde"], "a"],
    [["xabc"], ["bc", "abc"], "x"],
    [["xa", "bc"], ["abc", "bc"], "x"],
    [["aab"], ["ab"], "a"],
    [["a", "a", "b"], ["ab"], "a"],
  ] as const) {
    assert.is(textOf(await partsOf(emulated(playAnswers([...pieces.map((piece) => [text(piece)]), [finish()]]).call), { stopSequences })), cut, `${pieces.join("|")} by ${stopSequences.join(" ")}`);
  }
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

cases("more of them than servers take are looked for here", async () => {
  const played = playAnswers([[text("one END two"), finish()]]);
  const stopSequences = ["a1", "a2", "a3", "a4", "END"];
  assert.is(textOf(await partsOf(emulated(played.call, ["stop-sequences"]), { stopSequences })), "one ");
  assert.is(played.requests[0]?.stopSequences, undefined);
});

cases.run();
