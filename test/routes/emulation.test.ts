import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ask, createTestApp } from "../support/test-app.ts";
import { usage } from "../support/scripted-host.ts";

const cases = suite("routes/emulation");

interface Completion {
  readonly choices: readonly { readonly index: number; readonly message: { readonly content: string }; readonly finish_reason: string }[];
  readonly usage: { readonly total_tokens: number };
  readonly system_fingerprint: string;
}

cases("a stop sequence that lies across parts ends a stream, and the model", async () => {
  const app = createTestApp();
  const answering = app.post(ask({ stream: true, stop: ["\nEND", "never"] }));
  const call = await app.host.nextCall();
  call.say("one\nE");
  call.say("ND two");
  const body = await (await answering).text();
  await call.released;
  assert.match(body, '"content":"one"');
  assert.match(body, '"finish_reason":"stop"');
  assert.not.match(body, "END");
  assert.match(body, "data: [DONE]");
});

cases("n answers are n choices of one completion, with the usage of all", async () => {
  const app = createTestApp();
  const answering = app.post(ask({ n: 2 }));
  for (const said of ["a", "b"]) {
    const call = await app.host.nextCall();
    call.say(said);
    call.finish();
  }
  const { choices, usage: told, system_fingerprint: fingerprint } = await (await answering).json() as Completion;
  assert.equal(choices.map(({ index, message, finish_reason: reason }) => [index, message.content, reason]), [[0, "a", "stop"], [1, "b", "stop"]]);
  assert.is(told.total_tokens, 2 * (usage.inputTokens + usage.outputTokens));
  assert.is(fingerprint, "fp_00000001");
});

cases("JSON of a schema is repaired once, and its second failure is a 502 in OpenAI's shape", async () => {
  const format = { type: "json_schema", json_schema: { name: "x", schema: { type: "object", required: ["a"] } } };
  for (const [second, status] of [['{"a":1}', 200], ["{}", 502]] as const) {
    const app = createTestApp();
    const answering = app.post(ask({ response_format: format }));
    for (const said of ["{}", second]) {
      const call = await app.host.nextCall();
      call.say(said);
      call.finish();
    }
    assert.is((await answering).status, status);
  }
});

cases("a schema that is none is a 400 that names the field", async () => {
  const response = await createTestApp().post(ask({ response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "no" } } } }));
  assert.is(response.status, 400);
  assert.is((await response.json() as { error: { param: string } }).error.param, "response_format.json_schema.schema");
});

cases.run();
