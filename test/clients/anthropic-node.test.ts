// Anthropic's own client for Node, as it is: lists of models, and errors where no protocol was asked that has a shape of its own.
import { createHash } from "node:crypto";
import Anthropic, { APIError, AuthenticationError, NotFoundError, PermissionDeniedError } from "@anthropic-ai/sdk";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { echo, routeOf } from "../support/config.ts";
import { withServer } from "../support/test-server.ts";

const sha256 = (key: string): string => createHash("sha256").update(key).digest("hex");

const config = {
  models: [echo("claude-sonnet-4"), echo("team/fast"), echo("hidden-from-ci")],
  keys: [{ name: "ci", sha256: sha256("ci-key"), models: ["claude-sonnet-4", "team/fast"] }, { name: "other", sha256: sha256("other-key") }],
  routes: [routeOf({ auth: { accepts: ["ci"] } }), routeOf({ name: "open", path: "/open/v1" })],
};

const withClient = (apiKey: string, work: (client: Anthropic, url: string) => Promise<void>): Promise<void> =>
  withServer({ config }, ({ url }) => work(new Anthropic({ baseURL: url, apiKey, maxRetries: 0 }), url));

const failureOf = async (work: PromiseLike<unknown>): Promise<APIError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error("It did not fail.");
};

const cases = suite("clients/anthropic-node");

cases("lists the models that a key may use, on one page", () =>
  withClient("ci-key", async (client) => {
    const page = await client.models.list();
    assert.equal(page.data.map(({ type, id, display_name: name, lifecycle }) => [type, id, name, lifecycle]), [
      ["model", "claude-sonnet-4", "claude-sonnet-4", "active"],
      ["model", "team/fast", "team/fast", "active"],
    ]);
    assert.equal([page.has_more, page.first_id, page.last_id, page.hasNextPage()], [false, "claude-sonnet-4", "team/fast", false]);
    for (const { created_at: created } of page.data) assert.ok(Math.abs(Date.parse(created) - Date.now()) < 60_000, created);
    const ids: string[] = [];
    for await (const { id } of client.models.list({ limit: 1 })) ids.push(id);
    assert.equal(ids, ["claude-sonnet-4", "team/fast"]);
  }));

cases("finds one model by its id, also by one with a slash", () =>
  withClient("ci-key", async (client) => {
    for (const id of ["claude-sonnet-4", "team/fast"]) {
      const model = await client.models.retrieve(id);
      assert.equal([model.id, model.type], [id, "model"]);
    }
  }));

cases("an empty list has neither a first nor a last", () =>
  withServer({ config: { models: [echo("claude-*")] } }, async ({ url }) => {
    const page = await new Anthropic({ baseURL: url, apiKey: "none" }).models.list();
    assert.equal([page.data, page.first_id, page.last_id, page.has_more], [[], null, null, false]);
  }));

cases("its error classes are those of the statuses, with words and request id", () =>
  withClient("ci-key", async (client, url) => {
    const unknown = await failureOf(client.models.retrieve("claude-sonet-4"));
    assert.instance(unknown, NotFoundError);
    assert.equal([unknown.type, unknown.apiMessage], ["not_found_error", 'No model is named "claude-sonet-4". Use claude-sonnet-4, or add it under models: in .llmproxy.yaml.']);
    const body = unknown.error as { request_id?: string };
    assert.is(unknown.requestID, body.request_id);
    assert.type(unknown.requestID, "string");

    const wrongKey = await failureOf(new Anthropic({ baseURL: url, apiKey: "wrong", maxRetries: 0 }).models.list());
    assert.instance(wrongKey, AuthenticationError);
    assert.is(wrongKey.type, "authentication_error");
    const otherRoute = await failureOf(new Anthropic({ baseURL: url, apiKey: "other-key", maxRetries: 0 }).models.list());
    assert.instance(otherRoute, PermissionDeniedError);
    assert.is(otherRoute.type, "permission_error");
    const otherModel = await failureOf(client.models.retrieve("hidden-from-ci"));
    assert.instance(otherModel, PermissionDeniedError);
    const nowhere = await failureOf(new Anthropic({ baseURL: `${url}/nowhere`, apiKey: "ci-key", maxRetries: 0 }).models.list());
    assert.instance(nowhere, NotFoundError);
    assert.match(nowhere.apiMessage ?? "", "/nowhere/v1/models");
  }));

cases("who does not say so, or asks a protocol of another shape, gets OpenAI's", () =>
  withClient("ci-key", async (_client, url) => {
    const plain = (await (await fetch(`${url}/open/v1/models`)).json()) as { object?: string };
    assert.is(plain.object, "list");
    const completion = await fetch(`${url}/open/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
      body: JSON.stringify({ model: "nobody", messages: [{ role: "user", content: "hi" }] }),
    });
    const { error } = (await completion.json()) as { error: { code?: string } };
    assert.is(error.code, "model_not_found");
  }));

cases.run();
