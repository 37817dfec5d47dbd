import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createTestApp } from "../support/test-app.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("routes/metrics");

const sha256 = (key: string): string => createHash("sha256").update(key).digest("hex");
const keyed = { keys: [{ name: "ci", sha256: sha256("secret") }] };
const hello = { model: "echo", messages: [{ role: "user", content: "one two three" }] };

cases("tells what clients did, as they did it", async () => {
  const app = createTestApp();
  for (let index = 0; index < 3; index += 1) await (await app.post(hello)).text();
  await (await app.post({ ...hello, model: "nobody" })).text();
  await (await app.get("/nowhere")).text();
  const response = await app.get("/metrics");
  const text = await response.text();
  assert.is(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.match(text, 'llm_proxy_requests_total{route="main",protocol="openai-chat",status="200"} 3\n');
  assert.match(text, 'llm_proxy_requests_total{route="main",protocol="openai-chat",status="404"} 1\n');
  assert.match(text, 'llm_proxy_requests_total{route="unmatched",protocol="",status="404"} 1\n');
  assert.match(text, 'llm_proxy_in_flight_requests{listener="local"} 1\n');
  assert.match(text, 'gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_provider_name="echo",gen_ai_request_model="echo",gen_ai_response_model="echo/echo",error_type="",gen_ai_token_type="output"} 9\n');
});

cases("needs a key where keys exist, and counts who had none", async () => {
  const app = createTestApp({ config: keyed });
  assert.is((await app.get("/metrics")).status, 401);
  assert.is((await app.get("/metrics", { authorization: "Bearer wrong" })).status, 401);
  const response = await app.get("/metrics", { authorization: "Bearer secret" });
  assert.is(response.status, 200);
  const text = await response.text();
  assert.match(text, 'llm_proxy_auth_failures_total{reason="missing"} 1\n');
  assert.match(text, 'llm_proxy_auth_failures_total{reason="invalid"} 1\n');
});

cases("is at the path that the file says, or nowhere", async () => {
  const moved = createTestApp({ config: { metrics: { enabled: true, path: "/internal/metrics" } } });
  assert.is((await moved.get("/internal/metrics")).status, 200);
  assert.is((await moved.get("/metrics")).status, 404);
  assert.is((await createTestApp({ config: { metrics: { enabled: false, path: "/metrics" } } }).get("/metrics")).status, 404);
});

cases("calls neither a slow upload nor a slow model the proxy's own time", async () => {
  const app = createTestApp();
  let send: (text: string) => void = () => {};
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (send = (text) => {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    }),
  });
  const answer = app.fetch(new Request("http://localhost/v1/chat/completions", { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" }));
  await nextTurn();
  app.services.clock.advance(5000);
  send(JSON.stringify({ ...hello, model: "test" }));
  const call = await app.host.nextCall();
  app.services.clock.advance(120);
  call.say("Hi");
  await nextTurn();
  app.services.clock.advance(80);
  call.finish();
  const response = await answer;
  assert.is(response.headers.get("server-timing"), "admission;dur=0.00, request;dur=5000.00, choice;dur=0.00, first-part;dur=120.00, total;dur=5200.00, proxy;dur=0.00");
  await response.text();
  assert.match(await (await app.get("/metrics")).text(), 'llm_proxy_overhead_seconds_sum{route="main"} 0\n');
});

cases("nor the time of a client that never sends its body whole", async () => {
  const app = createTestApp();
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => {}) });
  const answer = app.fetch(new Request("http://localhost/v1/chat/completions", { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" }));
  await nextTurn();
  app.services.clock.advance(60_000);
  assert.is((await answer).status, 408);
  assert.match(await (await app.get("/metrics")).text(), 'llm_proxy_overhead_seconds_sum{route="main"} 0\n');
});

cases("tells in server-timing where the time until the first part went", async () => {
  const app = createTestApp();
  const answer = app.post({ ...hello, model: "test" });
  const call = await app.host.nextCall();
  app.services.clock.advance(120);
  call.say("Hi");
  call.finish();
  assert.is((await answer).headers.get("server-timing"), "admission;dur=0.00, request;dur=0.00, choice;dur=0.00, first-part;dur=120.00, total;dur=120.00, proxy;dur=0.00");
  assert.is((await app.post({ ...hello, model: "nobody" })).headers.get("server-timing"), "admission;dur=0.00, request;dur=0.00, total;dur=0.00, proxy;dur=0.00");
});

for (const [ending, isStreamed] of [["fails", true], ["fails", false], ["is left by its client", true], ["is left by its client", false]] as const) {
  cases(`nor the time before an answer ${ending}, ${isStreamed ? "streamed" : "plain"}`, async () => {
    const app = createTestApp();
    const client = new AbortController();
    const answer = app.post({ ...hello, model: "test", stream: isStreamed }, { signal: client.signal }).then((response) => response.text()).catch(() => {});
    const call = await app.host.nextCall();
    call.say("Hi");
    await nextTurn();
    app.services.clock.advance(700);
    if (ending === "fails") call.fail(new Error("Broken."));
    else client.abort();
    await answer;
    await nextTurn();
    assert.match(await (await app.get("/metrics")).text(), 'llm_proxy_overhead_seconds_sum{route="main"} 0\n');
  });
}

cases("nor the time before its first part, where its client does not wait for it", async () => {
  const app = createTestApp();
  const client = new AbortController();
  const answer = app.post({ ...hello, model: "test", stream: true }, { signal: client.signal }).catch(() => {});
  await app.host.nextCall();
  app.services.clock.advance(4000);
  client.abort();
  await answer;
  await nextTurn();
  assert.match(await (await app.get("/metrics")).text(), 'llm_proxy_overhead_seconds_sum{route="main"} 0\n');
});

cases.run();

const health = suite("routes/health");

const everything = ["generation", "instance", "listeners", "state", "version"];
const reduced = everything.filter((name) => name !== "listeners");
const namesAt = async (response: Promise<Response>): Promise<readonly string[]> => Object.keys(await (await response).json() as object).toSorted();

health("tells all to this machine where there are no keys", async () => {
  assert.equal(await namesAt(createTestApp().get("/health")), everything);
});

health("tells without a key only that it runs, where keys exist", async () => {
  const app = createTestApp({ config: keyed });
  assert.equal(await namesAt(app.get("/health")), reduced);
  assert.equal(await namesAt(app.get("/health", { "x-api-key": "wrong" })), reduced);
  assert.equal(await namesAt(app.get("/health", { "x-api-key": "secret" })), everything);
});

health.run();
