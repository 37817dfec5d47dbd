import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { JsonObject, ResponseFormat } from "../../src/chat/request.ts";
import { textOf as wordsOf } from "../../src/chat/request.ts";
import { compileSchema } from "../../src/emulation/json-schema.ts";
import { findJson } from "../../src/emulation/json-text.ts";
import { finish, playAnswers, text, toolCall } from "../support/played-call.ts";
import { emulated, errorOf, partsOf, textOf } from "./emulated.ts";

const format: ResponseFormat = {
  type: "json-schema",
  name: "place",
  schema: { type: "object", properties: { city: { $ref: "#/$defs/name" } }, required: ["city"], additionalProperties: false, $defs: { name: { type: "string", minLength: 2 } } },
};

const cases = suite("emulation/response-format");

cases("a valid answer goes out as it came", async () => {
  const batches = [[text('{"city":')], [text('"Bern"}')], [finish()]];
  const played = playAnswers(batches);
  assert.equal(await partsOf(emulated(played.call), { responseFormat: format }), batches.flat());
  const [request] = played.requests;
  assert.is(request?.responseFormat, undefined);
  assert.is(request?.messages.length, 2);
  assert.match(request?.messages[0] === undefined ? "" : wordsOf(request.messages[0]), JSON.stringify(format.schema));
});

cases("words and fences around the JSON are left out", async () => {
  const parts = await partsOf(emulated(playAnswers([[text("Here:\n```json\n")], [text('{"city":"Bern"}\n```\nFine?'), finish()]]).call), { responseFormat: format });
  assert.equal(parts, [text('{"city":"Bern"}'), finish()]);
});

cases("an invalid answer goes back once, with what is wrong, and nothing of it gets out", async () => {
  const played = playAnswers([[text('{"city":1,"zip":2}'), finish()]], [[text('{"city":"Bern"}'), finish()]]);
  const parts = await partsOf(emulated(played.call), { responseFormat: format });
  assert.equal(parts, [text('{"city":"Bern"}'), { type: "finish", finishReason: "stop", usage: { inputTokens: 6, outputTokens: 4 } }]);
  const [wrong, correction] = played.requests[1]?.messages.slice(-2) ?? [];
  assert.ok(wrong && correction);
  assert.is(wordsOf(wrong), '{"city":1,"zip":2}');
  assert.match(wordsOf(correction), "must NOT have additional properties (zip)");
  assert.match(wordsOf(correction), "/city must be string");
});

cases("two invalid answers are an error that says what was wrong", async () => {
  const error = await errorOf(partsOf(emulated(playAnswers([[text("no"), finish()]], [[text('{"city":"B"}'), finish()]]).call), { responseFormat: format }));
  assert.is(error.status, 502);
  assert.match(error.message, "/city must NOT have fewer than 2 characters");
});

cases("tool calls, refusals and answers that a limit ended are no JSON and go out as they are", async () => {
  for (const answer of [[...toolCall("1", "look"), finish("tool-calls")], [{ type: "refusal-delta" as const, text: "No." }, finish()], [text('{"ci'), finish("length")], [text("x"), finish("content-filter")]]) {
    assert.equal(await partsOf(emulated(playAnswers([answer]).call), { responseFormat: format }), answer);
  }
});

cases("what a stop sequence ended is no JSON and goes out as it is", async () => {
  const played = playAnswers([[text('{"city":"Bern"}'), finish()]]);
  const parts = await partsOf(emulated(played.call), { responseFormat: format, stopSequences: ["}"] });
  assert.is(textOf(parts), '{"city":"Bern"');
  assert.is(played.requests.length, 1);
});

cases("json_object is any object, and nothing but an object", async () => {
  const played = playAnswers([[text("[1]"), finish()]], [[text('{"a":[]}'), finish()]]);
  assert.is(textOf(await partsOf(emulated(played.call), { responseFormat: { type: "json" } })), '{"a":[]}');
  assert.is(played.requests.length, 2);
});

cases("several choices are each valid by themselves", async () => {
  const played = playAnswers([[text("1"), finish()]], [[text('{"a":1}'), finish()]], [[text('{"a":2}'), finish()]]);
  const parts = await partsOf(emulated(played.call), { responseFormat: { type: "json" }, choiceCount: 2 });
  assert.equal(parts.filter(({ type }) => type === "choice").length, 2);
  assert.is(textOf(parts), '{"a":2}');
});

cases.run();

/** `{"not":{"not":…}}` */
const nested = (levels: number): JsonObject => JSON.parse(`${'{"not":'.repeat(levels)}{}${"}".repeat(levels)}`) as JsonObject;

const schemas = suite("emulation/json-schema");

schemas("a schema that is none, is too large or refers elsewhere is the client's mistake", async () => {
  for (const [schema, words] of [
    [{ type: "text" }, "schema is invalid"],
    [{ $ref: "https://example.com/schema.json" }, "can't resolve reference"],
    [{ description: "x".repeat(100_001) }, "larger than 100000 characters"],
    [nested(200_000), "Maximum call stack"],
    [nested(5000), "Maximum call stack"],
    [{ type: "string", pattern: "(" }, "Invalid regular expression"],
  ] as const) {
    const error = await errorOf(compileSchema(schema, "response_format.json_schema.schema"));
    assert.is(error.status, 400);
    assert.is(error.param, "response_format.json_schema.schema");
    assert.match(error.message, words);
  }
});

schemas("another draft's $schema and an $id that was seen before are no obstacle", async () => {
  const schema = { $schema: "http://json-schema.org/draft-07/schema#", $id: "place", type: "integer", minimum: 2 };
  for (const _ of [1, 2]) assert.equal((await compileSchema(schema, "x"))(1), ["the value must be >= 2"]);
});

schemas("a pattern, alternatives or a schema that would take for ever are stopped, and are the client's mistake", async () => {
  const levels = Array.from({ length: 40 }, (_, level) => [`l${level}`, { anyOf: [{ $ref: `#/$defs/l${level + 1}` }, { $ref: `#/$defs/l${level + 1}` }] }]);
  const multiplying = { $ref: "#/$defs/l0", $defs: { ...Object.fromEntries(levels) as JsonObject, l40: { type: "string" } } };
  for (const [schema, value] of [[{ pattern: "^(a+)+$" }, `${"a".repeat(60)}!`], [multiplying, 1]] as const) {
    const check = await compileSchema(schema, "x");
    const error = await errorOf((async () => check(value))());
    assert.equal([error.status, error.param], [400, "x"]);
    assert.match(error.message, "takes too long");
  }
  assert.equal((await compileSchema({ pattern: "^(a+)+$" }, "x"))("aaaa"), []);
});

schemas("finds JSON alone, fenced and among words, and none where there is none", () => {
  for (const [answer, wanted] of [
    [' {"a":1}\n', '{"a":1}'],
    ["[1]", "[1]"],
    ["```\n{\"a\":1}\n```", '{"a":1}'],
    ["```json\n{\"a\":1}", '{"a":1}'],
    ['It is {"a":{"b":1}}.', '{"a":{"b":1}}'],
    ["So: [1, 2]!", "[1, 2]"],
    ["no", undefined],
    ["{broken", undefined],
  ] as const) assert.is(findJson(answer)?.text, wanted);
});

schemas.run();
