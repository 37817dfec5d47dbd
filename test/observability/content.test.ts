import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LogFields } from "../../src/services.ts";
import { echo, configOf } from "../support/config.ts";
import { ask, createTestApp, type TestApp } from "../support/test-app.ts";
import { withServer } from "../support/test-server.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("observability/content");

const written = { logging: { level: "info", content: true } } as const;

const secret = "the plans of the castle";
const told = ({ services }: Pick<TestApp, "services">, event: string): readonly LogFields[] => services.lines.filter((line) => line.event === event).map(({ level, fields }) => ({ level, ...fields }));
const everything = ({ services }: Pick<TestApp, "services">): string => JSON.stringify(services.lines);

cases("prompts and answers are in no line unless they are asked for", async () => {
  const app = createTestApp();
  for (const stream of [false, true]) await (await app.post(ask({ model: "echo", stream, messages: [{ role: "user", content: secret }] }))).text();
  await (await app.post(ask({ model: "nobody", messages: [{ role: "user", content: secret }] }))).text();
  await (await app.post(`{"model":"echo","messages":"${secret}`)).text();
  assert.not.match(everything(app), secret);
  for (const path of ["/metrics", "/health"]) assert.not.match(await (await app.get(path)).text(), secret);
});

cases("with content: true both are written, under the request's id, and still nowhere else", async () => {
  const app = createTestApp({ config: written });
  const response = await app.post(ask({ model: "echo", messages: [{ role: "system", content: "Be brief." }, { role: "user", content: secret }] }));
  await response.text();
  const id = response.headers.get("x-request-id");
  assert.equal(told(app, "prompt"), [{ level: "info", id, alias: "echo", messages: ["system: Be brief.", `user: ${secret}`] }]);
  assert.equal(told(app, "answer"), [{ level: "info", id, text: secret }]);
  for (const path of ["/metrics", "/health"]) assert.not.match(await (await app.get(path)).text(), secret);
});

cases("of a stream that breaks off, what there was of it", async () => {
  const app = createTestApp({ config: written });
  const answer = app.post(ask({ stream: true }));
  const call = await app.host.nextCall();
  call.send({ type: "reasoning-delta", text: "Hm." }, { type: "text-delta", text: "Once upon" });
  const response = await answer;
  call.say(" a time");
  call.end();
  await response.text();
  assert.equal(told(app, "answer").map((fields) => [fields["text"], fields["reasoning"]]), [["Once upon a time", "Hm."]]);
});

cases("of a client that leaves, what there was until then", async () => {
  const app = createTestApp({ config: written });
  const leaving = new AbortController();
  const answer = app.post(ask({ stream: true }), { signal: leaving.signal });
  const call = await app.host.nextCall();
  call.say("first");
  await answer;
  leaving.abort();
  await call.released;
  await nextTurn();
  assert.equal(told(app, "answer").map((fields) => fields["text"]), ["first"]);
});

cases("tools that are called are written with their arguments, images by their kind alone", async () => {
  const app = createTestApp({ config: written });
  const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
  const answer = app.post(ask({ messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, image] }] }));
  const call = await app.host.nextCall();
  call.send(
    { type: "tool-call-start", id: "a", name: "look" }, { type: "tool-call-start", id: "b", name: "ask" },
    { type: "tool-call-delta", id: "a", argumentsText: '{"at":' }, { type: "tool-call-delta", id: "b", argumentsText: "{}" }, { type: "tool-call-delta", id: "a", argumentsText: "1}" },
    { type: "tool-call-end", id: "a" }, { type: "tool-call-end", id: "b" },
  );
  call.finish();
  await (await answer).text();
  assert.equal(told(app, "prompt").map((fields) => fields["messages"]), [["user: What is it? [image/png]"]]);
  assert.equal(told(app, "answer").map((fields) => fields["toolCalls"]), [['look {"at":1}', "ask {}"]]);
});

cases("what is very long is cut", async () => {
  const app = createTestApp({ config: { ...written, models: [echo("echo")], listeners: configOf().listeners } });
  const long = "x".repeat(200_000);
  await (await app.post(ask({ model: "echo", messages: [{ role: "user", content: "first" }, { role: "user", content: long }] }))).text();
  const [prompt] = told(app, "prompt");
  const messages = (prompt?.["messages"] ?? []) as readonly string[];
  assert.equal(messages.map((message) => [message.slice(0, 8), message.length]), [["… 1 earl", 20], ["user: xx", 65_537]]);
  assert.is(String(told(app, "answer")[0]?.["text"]).length, 65_537);
});

cases("the level leaves out what is below it, from the reload on that says so", () =>
  withServer({ config: { logging: { level: "warn", content: true } } }, async (server) => {
    const { services, proxy } = server;
    await (await server.post(ask({ model: "echo" }))).text();
    await (await fetch(`${server.url}/nowhere`)).text();
    assert.equal(services.lines.filter(({ event }) => event === "request" || event === "prompt"), []);
    await proxy.apply(configOf({ generation: "00000002", logging: { level: "info", content: false } }));
    await (await server.post(ask({ model: "echo" }))).text();
    await server.nextEnd();
    assert.equal(services.lines.filter(({ event }) => event === "request" || event === "prompt").map(({ event }) => event), ["request"]);
    await (await fetch(`${server.url}/health`)).text();
    assert.equal(services.lines.filter(({ level }) => level === "debug"), []);
  }));

cases.run();
