import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EmbedCall } from "../../src/chat/embedding.ts";
import type { ModelHost } from "../../src/models/host.ts";
import { createScriptedHost } from "../support/scripted-host.ts";
import { routeOf } from "../support/config.ts";
import { createTestApp } from "../support/test-app.ts";

const path = "/v1/embeddings";

/** The scripted host, whose models make vectors by `embed`. */
const hostWith = (embed: EmbedCall): ModelHost => {
  const host = createScriptedHost();
  return {
    ...host,
    async resolve(target, context) {
      const resolution = await host.resolve(target, context);
      return "model" in resolution ? { model: { ...resolution.model, embed } } : resolution;
    },
  };
};

const cases = suite("routes/embeddings");

cases("answers with the vectors of the alias's model, and says which it was", async () => {
  const app = createTestApp({ hosts: { selector: hostWith(async ({ inputs }) => ({ vectors: inputs.map((_, index) => [index]), inputTokens: 2 })) } });
  const response = await app.post({ model: "test", input: ["a", "b"] }, { path });
  assert.is(response.status, 200);
  assert.is(response.headers.get("x-llm-proxy-model"), "scripted/scripted");
  const { model, data } = await response.json() as { model: string; data: readonly { embedding: readonly number[] }[] };
  assert.is(model, "test");
  assert.equal(data.map(({ embedding }) => embedding), [[0], [1]]);
});

cases("passes on what the model's side says of its limits", async () => {
  const app = createTestApp({ hosts: { selector: hostWith(async (_request, { onHeaders }) => {
    onHeaders?.({ "x-ratelimit-remaining-tokens": "9" });
    return { vectors: [[1]] };
  }) } });
  assert.is((await app.post({ model: "test", input: "a" }, { path })).headers.get("x-ratelimit-remaining-tokens"), "9");
});

cases("a model that makes none is a 400 that says where some are", async () => {
  const response = await createTestApp().post({ model: "test", input: "a" }, { path });
  assert.is(response.status, 400);
  const { error } = await response.json() as { error: { param: string; message: string } };
  assert.is(error.param, "model");
  assert.match(error.message, "only models of upstreams do");
});

cases("a name that nobody answers to is a 404", async () => {
  assert.is((await createTestApp().post({ model: "nobody", input: "a" }, { path })).status, 404);
});

cases("a client that leaves stops the model", async () => {
  const stopped = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const app = createTestApp({ hosts: { selector: hostWith((_request, { signal }) => {
    asked.resolve();
    signal.addEventListener("abort", () => stopped.resolve());
    return new Promise(() => {});
  }) } });
  const client = new AbortController();
  const answering = app.post({ model: "test", input: "a" }, { path, signal: client.signal });
  answering.catch(() => {});
  await asked.promise;
  client.abort();
  await stopped.promise;
});

cases("counts as a request to a model, with its tokens", async () => {
  const app = createTestApp({
    hosts: { selector: hostWith(async () => ({ vectors: [[1]], inputTokens: 7 })) },
    config: { routes: [routeOf({ rateLimit: { per: "ip", requestsPerMinute: 2, tokensPerMinute: 10 } })] },
  });
  const remaining = async (): Promise<unknown> => {
    const response = await app.post({ model: "test", input: "a" }, { path });
    await response.text();
    return [response.status, response.headers.get("x-ratelimit-remaining-requests"), response.headers.get("x-ratelimit-remaining-tokens")];
  };
  assert.equal(await remaining(), [200, "1", "10"]);
  assert.equal(await remaining(), [200, "0", "3"]);
  assert.equal(await remaining(), [429, "0", "0"]);
});

cases.run();
