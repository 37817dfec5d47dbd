import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listenerOf } from "../support/config.ts";
import { ask, createTestApp, type TestApp } from "../support/test-app.ts";

const cases = suite("policies/cors");

const page = "https://app.test";

const createApp = (allowHeaders?: readonly string[]): TestApp =>
  createTestApp({ config: { listeners: [listenerOf({ cors: { allowOrigins: [page], maxAgeSeconds: 600, ...(allowHeaders && { allowHeaders }) } })] } });

const preflight = ({ fetch: send }: TestApp, headers: Readonly<Record<string, string>> = {}, origin = page): Promise<Response> =>
  send(new Request("http://localhost/v1/chat/completions", {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type,x-stainless-lang", ...headers },
  }));

const corsHeaders = (response: Response): Readonly<Record<string, string>> =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("access-control-")).map(([name, value]) => [name.slice("access-control-".length), value]));

cases("answers the preflight of a listed origin, with what it asks for", async () => {
  const response = await preflight(createApp());
  assert.is(response.status, 204);
  assert.is(await response.text(), "");
  assert.is(response.headers.get("content-length"), null);
  assert.is(response.headers.get("vary"), "origin");
  assert.equal(corsHeaders(response), {
    "allow-origin": page,
    "expose-headers": "*",
    "allow-methods": "GET, POST, DELETE",
    "allow-headers": "authorization,content-type,x-stainless-lang",
    "max-age": "600",
  });
});

cases("answers with the listed headers where there is a list", async () => {
  const response = await preflight(createApp(["authorization", "content-type"]));
  assert.is(corsHeaders(response)["allow-headers"], "authorization, content-type");
});

cases("lets a page of another network in where its browser asks for that", async () => {
  const response = await preflight(createApp(), { "access-control-request-private-network": "true" });
  assert.is(corsHeaders(response)["allow-private-network"], "true");
});

cases("a preflight needs no key, and is answered on every path", async () => {
  const app = createTestApp({ config: { listeners: [listenerOf({ cors: { allowOrigins: [page], maxAgeSeconds: 600 } })], keys: [{ name: "ci", sha256: "0".repeat(64) }] } });
  assert.is((await preflight(app)).status, 204);
});

cases("lets the page read answers, streams and refusals alike", async () => {
  const app = createApp();
  for (const body of [ask({ model: "echo" }), ask({ model: "echo", stream: true }), ask({ model: "nope" }), {}]) {
    const response = await app.post(body, { headers: { origin: page } });
    assert.equal(corsHeaders(response), { "allow-origin": page, "expose-headers": "*" });
    assert.is(response.headers.get("vary"), "origin");
  }
});

cases("refuses the preflight and the request of another origin, and says nothing of CORS", async () => {
  const app = createApp();
  for (const response of [await preflight(app, {}, "https://evil.test"), await app.post(ask(), { headers: { origin: "https://evil.test" } })]) {
    assert.is(response.status, 403);
    assert.equal(corsHeaders(response), {});
    assert.match(await response.text(), "allowOrigins");
  }
  assert.is(app.host.callCount, 0);
});

cases("says to caches that answers differ by origin, also where none was sent", async () => {
  const response = await createApp().get("/v1/models");
  assert.is(response.headers.get("vary"), "origin");
  assert.equal(corsHeaders(response), {});
});

cases("without a list, says nothing and refuses every page", async () => {
  const app = createTestApp();
  assert.is((await preflight(app)).status, 403);
  const response = await app.get("/v1/models");
  assert.is(response.headers.get("vary"), null);
  assert.equal(corsHeaders(response), {});
});

cases("OPTIONS that is no preflight is a method that no path has", async () => {
  const { fetch: send } = createApp();
  const response = await send(new Request("http://localhost/v1/chat/completions", { method: "OPTIONS", headers: { origin: page } }));
  assert.is(response.status, 405);
});

cases.run();
