import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collect, peekFirst } from "../../src/chat/call.ts";
import { createScriptedHost } from "../support/scripted-host.ts";
import { finish, playAnswers, requestOf, text } from "../support/played-call.ts";
import { emulated, errorOf, partsOf } from "./emulated.ts";
import { modelFailed } from "../../src/errors.ts";

const cases = suite("emulation/choices");

cases("asks as often as choices are wanted, keeps them apart and adds up what they cost", async () => {
  const warning = { type: "warning", message: "x" } as const;
  const played = playAnswers([[warning, text("one")], [finish()]], [[warning, text("two")], [finish("length")]], [[text("three"), finish()]]);
  const result = await collect(await peekFirst(emulated(played.call)(requestOf({ choiceCount: 3 }), { signal: new AbortController().signal })));
  assert.equal([result, ...result.furtherChoices].map((choice) => [choice.text, choice.finishReason]), [["one", "stop"], ["two", "length"], ["three", "stop"]]);
  assert.equal(result.usage, { inputTokens: 9, outputTokens: 6 });
  assert.equal(result.warnings, ["x"]);
  assert.equal(played.requests.map(({ choiceCount }) => choiceCount), [undefined, undefined, undefined]);
});

cases("what all cost is unknown where one of them does not tell", async () => {
  for (const answers of [[finish(), { type: "finish", finishReason: "stop" } as const], [{ type: "finish", finishReason: "stop" } as const, finish()]]) {
    const parts = await partsOf(emulated(playAnswers(...answers.map((end) => [[text("x"), end]])).call), { choiceCount: 2 });
    assert.equal(parts.at(-1), { type: "finish", finishReason: "stop" });
  }
});

cases("parts come as they come, the first choice's end last of all", async () => {
  const { nextCall, resolve } = createScriptedHost();
  const resolution = await resolve({ kind: "selector", id: "scripted" }, { requestedName: "x" });
  if (!("model" in resolution)) throw new Error(resolution.unavailable);
  const batches = emulated(resolution.model.chat)(requestOf({ choiceCount: 2 }), { signal: new AbortController().signal })[Symbol.asyncIterator]();
  const begun = batches.next();
  const [first, second] = [await nextCall(), await nextCall()];
  second.say("b");
  assert.equal((await begun).value, [{ type: "choice", index: 1, part: text("b") }]);
  first.say("a");
  first.finish();
  assert.equal((await batches.next()).value, [text("a")]);
  second.finish();
  assert.equal((await batches.next()).value, [{ type: "choice", index: 1, part: { type: "finish", finishReason: "stop" } }]);
  assert.equal((await batches.next()).value, [{ type: "finish", finishReason: "stop", usage: { inputTokens: 6, outputTokens: 4 } }]);
  assert.is((await batches.next()).done, true);
});

cases("one that fails ends the others", async () => {
  const host = createScriptedHost();
  const resolution = await host.resolve({ kind: "selector", id: "scripted" }, { requestedName: "x" });
  if (!("model" in resolution)) throw new Error(resolution.unavailable);
  const answered = errorOf(partsOf(emulated(resolution.model.chat), { choiceCount: 2 }));
  const [first, second] = [await host.nextCall(), await host.nextCall()];
  second.fail(modelFailed("broke", 503));
  assert.is((await answered).status, 503);
  await first.released;
});

cases("a cut one makes the whole answer a cut one", async () => {
  const played = playAnswers([[text("one"), finish()]], [[text("two")]]);
  const parts = await partsOf(emulated(played.call), { choiceCount: 2 });
  assert.not(parts.some(({ type }) => type === "finish"));
});

cases("a host that reads one answer gets one request, as it was", async () => {
  const played = playAnswers([[text("one"), finish()]]);
  assert.equal(await partsOf(emulated(played.call)), [text("one"), finish()]);
  assert.equal(played.requests, [requestOf()]);
});

cases.run();
