import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listenerOf } from "../support/config.ts";
import { errorOf } from "../support/read.ts";
import { ask, createTestApp } from "../support/test-app.ts";

const path = "http://localhost/v1/chat/completions";
const good = JSON.stringify(ask({ model: "echo" }));

const body = suite("routes/json-body");

for (const type of ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;charset=utf-8", "application/json;"]) {
  body(`reads ${type}`, async () => {
    const answer = await createTestApp().post(good, { headers: { "content-type": type } });
    assert.is(answer.status, 200);
  });
}

// What a web page can send without the browser asking first, and what only looks like JSON.
for (const type of ["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "text/application/json", "application/problem+json", ""]) {
  body(`refuses ${type === "" ? "an empty type" : type} before it reads a byte`, async () => {
    const app = createTestApp();
    const untouched = new ReadableStream({ pull: () => assert.unreachable("the body was read") }, { highWaterMark: 0 });
    const answer = await app.fetch(new Request(path, { method: "POST", headers: { "content-type": type }, body: untouched, duplex: "half" }));
    assert.is(answer.status, 415);
    const error = await errorOf(answer);
    assert.equal([error.type, error.code], ["invalid_request_error", "unsupported_media_type"]);
    assert.match(error.message, '"content-type: application/json"');
  });
}

body("refuses a body without a type", async () => {
  const answer = await createTestApp().fetch(new Request(path, { method: "POST", body: new Blob([good]) }));
  assert.is(answer.status, 415);
});

for (const [what, text, message] of [
  ["an empty body", "", "it is empty"],
  ["blanks", " \n", "it is empty"],
  ["half a body", good.slice(0, -1), `at character ${good.length}`],
  ["a stray character", '{"model": "secret" nonsense}', "at character 20"],
  ["a trailing comma", '{"secret": 1,}', "at character 14"],
  ["words", "secret words", "it ends too early or holds a stray character"],
  ["two values", "{} {}", "at character 4"],
] as const) {
  body(`says where ${what} breaks and does not quote it`, async () => {
    const answer = await createTestApp().post(text);
    assert.is(answer.status, 400);
    assert.equal(await errorOf(answer), {
      message: `The request body is not valid JSON: ${message}.`,
      type: "invalid_request_error",
      param: null,
      code: "invalid_json",
    });
  });
}

body("refuses bytes that are no UTF-8 instead of replacing them", async () => {
  const answer = await createTestApp().post(Buffer.concat([Buffer.from(good.slice(0, -4)), Buffer.from([0xc3, 0x28]), Buffer.from(good.slice(-4))]));
  assert.is(answer.status, 400);
  assert.is((await errorOf(answer)).message, "The request body is not valid JSON: it is not UTF-8.");
});

body("reads every character of UTF-8, in however many pieces it comes", async () => {
  const bytes = Buffer.from(JSON.stringify(ask({ model: "echo", messages: [{ role: "user", content: "é€😀\u0000" }] })));
  const drops = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const answer = await createTestApp().fetch(new Request(path, { method: "POST", headers: { "content-type": "application/json" }, body: drops, duplex: "half" }));
  assert.match(await answer.text(), '"content":"é€😀\\u0000"');
});

body("stops reading a body that grows past the limit without having said so", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1000;
      controller.enqueue(new Uint8Array(1000).fill(0x20));
    },
  });
  const app = createTestApp({ config: { listeners: [listenerOf({ maxBodyBytes: 10_000 })] } });
  const answer = await app.fetch(new Request(path, { method: "POST", headers: { "content-type": "application/json" }, body: endless, duplex: "half" }));
  assert.is(answer.status, 413);
  assert.is((await errorOf(answer)).code, "request_too_large");
  assert.ok(sent < 20_000, `${sent} bytes were read`);
});

body("takes a body of just the limit", async () => {
  const app = createTestApp({ config: { listeners: [listenerOf({ maxBodyBytes: good.length })] } });
  assert.is((await app.post(good)).status, 200);
  assert.is((await app.post(`${good} `)).status, 413);
});

for (const [what, text] of [
  ["100,000 levels of lists", `{"model":"echo","messages":[{"role":"user","content":"hi"}],"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ["100,000 levels of objects", `{"model":"echo","messages":[{"role":"user","content":"hi"}],"x":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`],
] as const) {
  body(`takes ${what} in a field that nobody reads`, async () => {
    assert.is((await createTestApp().post(text)).status, 200);
  });
}

body("refuses 100,000 levels where something else belongs", async () => {
  const answer = await createTestApp().post("[".repeat(100_000) + "]".repeat(100_000));
  assert.is(answer.status, 400);
});

body.run();
