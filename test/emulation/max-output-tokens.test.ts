import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createOutputGauge } from "../../src/emulation/output-gauge.ts";
import { finish, playAnswers, text, toolCall } from "../support/played-call.ts";
import { emulated, partsOf, textOf } from "./emulated.ts";

const cases = suite("emulation/max-output-tokens");

/** Words and what lies between them, as echo and tokenizers see text: fewer tokens than bytes. */
const countWords = (value: string): number => value.match(/\S+/g)?.length ?? 0;

cases("any split of any text is cut at the same place: as much as fits, by the model's count", async () => {
  const pieces = fc.array(fc.constantFrom("a", "bb", " ", "  ", "ccc ", "é", " 😀"), { maxLength: 20 });
  await fc.assert(fc.asyncProperty(pieces, fc.integer({ min: 1, max: 6 }), async (split, limit) => {
    const gauge = createOutputGauge(limit, async (counted) => countWords(counted));
    let [given, isCut] = ["", false];
    for (const piece of split) {
      if (isCut) break;
      const fitting = await gauge.fit(piece);
      given += fitting;
      isCut = fitting !== piece;
    }
    const whole = split.join("");
    assert.ok(whole.startsWith(given));
    assert.ok(countWords(given) <= limit);
    if (given !== whole) assert.is(countWords(given + String.fromCodePoint(whole.codePointAt(given.length) ?? 0)), limit + 1);
  }), { numRuns: 500 });
});

cases("a long answer is counted seldom until its end is near", async () => {
  let counts = 0;
  const gauge = createOutputGauge(1000, async (counted) => {
    counts += 1;
    return counted.length / 4;
  });
  let length = 0;
  while ((await gauge.fit("four")) === "four") length += 1;
  assert.is(length, 1000);
  assert.ok(counts < 60, `${counts} counts`);
});

cases("ends the answer with the reason length, stops the model and counts", async () => {
  const played = playAnswers([[{ type: "reasoning-delta", text: "ab" }], [text("cde")], [text("f")], [finish()]]);
  const parts = await partsOf(emulated(played.call), { maxOutputTokens: 4 });
  assert.equal(parts, [{ type: "reasoning-delta", text: "ab" }, text("cd"), { type: "finish", finishReason: "length", usage: { inputTokens: 2, outputTokens: 4 } }]);
  assert.is(played.taken, 2);
  assert.is(played.requests[0]?.maxOutputTokens, 4);
});

cases("never cuts a tool call, nor half a character", async () => {
  const call = toolCall("1", "look", '{"at":"everything"}');
  assert.equal(await partsOf(emulated(playAnswers([[...call, finish("tool-calls")]]).call), { maxOutputTokens: 1 }), [...call, finish("tool-calls")]);
  assert.is(textOf(await partsOf(emulated(playAnswers([[text("a😀b"), finish()]]).call), { maxOutputTokens: 2 })), "a");
});

cases("lets everything through where the model cannot count", async () => {
  const gauge = createOutputGauge(1, () => Promise.reject(new Error("no count")));
  assert.is(await gauge.fit("a long text"), "a long text");
});

cases.run();
