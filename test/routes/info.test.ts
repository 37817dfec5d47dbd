import { suite } from "uvu";
import * as assert from "uvu/assert";
import { echo, routeOf, scripted } from "../support/config.ts";
import { errorOf } from "../support/read.ts";
import { createTestApp } from "../support/test-app.ts";

const models = ["gpt-4", "copilot/gpt-4o", "a b", "100%", "*"].map(scripted);
const app = createTestApp({ config: { models: [...models, echo("é")] } });

const info = suite("routes/info");

info("lists every name that can be asked for", async () => {
  const body = (await (await app.get("/v1/models")).json()) as { object: string; data: readonly Record<string, unknown>[] };
  assert.is(body.object, "list");
  assert.equal(body.data[0], { id: "gpt-4", object: "model", created: 1_600_000_000, owned_by: "scripted" });
  assert.equal(body.data.map(({ id }) => id), ["gpt-4", "copilot/gpt-4o", "a b", "100%", "é", "scripted", "other"]);
});

info("shows what an alias is for, in the list and alone, and leaves an unlisted one out of the list", async () => {
  const described = createTestApp({ config: { models: [{ ...echo("coder"), description: "for code" }, { ...echo("hidden"), isUnlisted: true }] } });
  const list = (await (await described.get("/v1/models")).json()) as { data: readonly Record<string, unknown>[] };
  assert.equal(list.data.map(({ id, description }) => [id, description]), [["coder", "for code"]]);
  assert.is(((await (await described.get("/v1/models/coder")).json()) as { description?: string }).description, "for code");
  assert.is((await described.get("/v1/models/hidden")).status, 200);
});

for (const [path, id] of [
  ["gpt-4", "gpt-4"],
  ["copilot/gpt-4o", "copilot/gpt-4o"],
  ["copilot%2Fgpt-4o", "copilot/gpt-4o"],
  ["copilot%2fgpt-4o?x=1", "copilot/gpt-4o"],
  ["a%20b", "a b"],
  ["100%25", "100%"],
  ["%C3%A9", "é"],
  ["é", "é"],
  ["any/thing/at%2Fall", "any/thing/at/all"],
] as const) {
  info(`GET models/${path} is the model "${id}"`, async () => {
    const answer = await app.get(`/v1/models/${path}`);
    assert.is(answer.status, 200);
    assert.is(((await answer.json()) as { id: string }).id, id);
  });
}

info("an id that cannot be decoded is one that nothing is named", async () => {
  const closed = createTestApp({ config: { models: [scripted("gpt-4")] } });
  for (const id of ["%zz", "%C3", "gpt-4%"]) assert.is((await closed.get(`/v1/models/${id}`)).status, 404);
});

info("an unknown id is a 404 that names the nearest", async () => {
  const closed = createTestApp({ config: { models: [scripted("gpt-4")] } });
  const answer = await closed.get("/v1/models/gpt4");
  assert.is(answer.status, 404);
  assert.equal(await errorOf(answer), {
    message: 'No model is named "gpt4". Use gpt-4, or add it under models: in .llmproxy.yaml.',
    type: "invalid_request_error",
    param: "model",
    code: "model_not_found",
  });
});

info("a route shows its own models only", async () => {
  const narrow = createTestApp({ config: { models, routes: [routeOf({ models: ["gpt-4"] })] } });
  const body = (await (await narrow.get("/v1/models")).json()) as { data: readonly { id: string }[] };
  assert.equal(body.data.map(({ id }) => id), ["gpt-4"]);
  assert.is((await narrow.get("/v1/models/copilot/gpt-4o")).status, 404);
});

info("asks no model", async () => {
  await app.get("/v1/models");
  await app.get("/health");
  assert.is(app.host.callCount, 0);
});

info.run();
