import { createHash } from "node:crypto";
import { once } from "node:events";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { aliasOf, configOf, echo, echoTarget, routeOf, scripted } from "../support/config.ts";
import { ask } from "../support/test-app.ts";
import { withServer, type TestServer } from "../support/test-server.ts";
import { samplesIn, type ExposedSample } from "./samples.ts";

const sha256 = (key: string): string => createHash("sha256").update(key).digest("hex");

const config = {
  models: [scripted("test"), echo("fast"), echo("broken", { fail: { status: 503, after: 0 } }), aliasOf("two", echoTarget({ fail: { status: 503, after: 0 } }), echoTarget())],
  keys: [{ name: "ci", sha256: sha256("good") }, { name: "other", sha256: sha256("other") }, { name: "old", sha256: sha256("old"), expiresAt: 1 }],
  routes: [
    routeOf({ auth: { accepts: ["ci"] }, retry: { maxRetries: 1, backoffMs: 1, maxBackoffMs: 1 } }),
    routeOf({ name: "tight", path: "/tight", auth: { accepts: ["ci"] }, rateLimit: { per: "key", requestsPerDay: 1 } }),
  ],
};

const genAi = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model", "error_type"];

/** Every metric with its labels: no more and no fewer. */
const labelsOf: Readonly<Record<string, readonly string[]>> = {
  gen_ai_server_request_duration_seconds: genAi,
  gen_ai_server_time_to_first_token_seconds: genAi,
  gen_ai_server_time_per_output_token_seconds: genAi,
  gen_ai_client_token_usage: [...genAi, "gen_ai_token_type"],
  llm_proxy_requests_total: ["route", "protocol", "status"],
  llm_proxy_in_flight_requests: ["listener"],
  llm_proxy_overhead_seconds: ["route"],
  llm_proxy_rate_limited_total: ["scope", "limit"],
  llm_proxy_auth_failures_total: ["reason"],
  llm_proxy_retries_total: [],
  llm_proxy_fallbacks_total: ["model", "reason"],
  llm_proxy_client_disconnects_total: ["phase"],
  llm_proxy_config_reloads_total: ["result"],
  llm_proxy_config_last_reload_successful: [],
  llm_proxy_build_info: ["version"],
};

const cases = suite("observability/every-metric");

const scrape = async ({ url }: TestServer): Promise<string> => (await fetch(`${url}/metrics`, { headers: { authorization: "Bearer good" } })).text();

const valueIn = (samples: readonly ExposedSample[], name: string, labels: Readonly<Record<string, string>>): number =>
  samples.find((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))?.value ?? 0;

/** How much `work` adds to a sample. */
const added = async (server: TestServer, [name, labels = {}]: Sample, work: () => Promise<unknown>): Promise<number> => {
  const before = valueIn(samplesIn(await scrape(server)), name, labels);
  await work();
  return valueIn(samplesIn(await scrape(server)), name, labels) - before;
};

type Sample = readonly [name: string, labels?: Readonly<Record<string, string>>];

/** Asks, reads the whole answer, and waits until it has been counted. */
const asked = async (server: TestServer, body: object, { path = "/v1", key = "good" } = {}): Promise<void> => {
  const ended = server.nextEnd();
  const response = await fetch(`${server.url}${path}/chat/completions`, { method: "POST", headers: { "content-type": "application/json", "authorization": `Bearer ${key}` }, body: JSON.stringify(ask(body as Record<string, unknown>)) });
  await response.text();
  await ended;
};

/** Asks for a stream and leaves, once there is something of it or before. */
const left = async (server: TestServer, afterFirstPart: boolean): Promise<void> => {
  const ended = server.nextEnd();
  const leaving = new AbortController();
  const answer = fetch(`${server.url}/v1/chat/completions`, { method: "POST", signal: leaving.signal, headers: { "content-type": "application/json", "authorization": "Bearer good" }, body: JSON.stringify(ask({ stream: true })) });
  const call = await server.host.nextCall();
  if (afterFirstPart) {
    call.say("one");
    await answer;
  }
  leaving.abort();
  await answer.then((response) => response.text()).catch(() => {});
  await ended;
};

/** Opens a WebSocket, which is answered like a request. */
const openSocket = async ({ url, nextEnd }: TestServer): Promise<void> => {
  const ended = nextEnd();
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/chat/completions`, { headers: { authorization: "Bearer good" } });
  await once(socket, "open");
  await ended;
  socket.close();
};

const echoed = { gen_ai_operation_name: "chat", gen_ai_provider_name: "echo", gen_ai_request_model: "fast", gen_ai_response_model: "echo/echo", error_type: "" };
const askFast = (server: TestServer): Promise<void> => asked(server, { model: "fast" });
const reject = async ({ proxy }: TestServer): Promise<void> => proxy.refused();

/** What moves each sample, and by how much. */
const moves: readonly (readonly [sample: Sample, by: number, work: (server: TestServer) => Promise<unknown>])[] = [
  [["gen_ai_server_request_duration_seconds_count", echoed], 1, askFast],
  [["gen_ai_server_request_duration_seconds_count", { gen_ai_request_model: "other", gen_ai_response_model: "other", error_type: "model_not_found" }], 1, (server) => asked(server, { model: "nobody" })],
  [["gen_ai_server_request_duration_seconds_count", { error_type: "client_left" }], 1, (server) => left(server, false)],
  [["gen_ai_server_request_duration_seconds_count", { gen_ai_request_model: "test", error_type: "client_left" }], 1, (server) => left(server, true)],
  [["gen_ai_server_time_to_first_token_seconds_count", echoed], 1, askFast],
  [["gen_ai_server_time_per_output_token_seconds_count", echoed], 1, askFast],
  [["gen_ai_client_token_usage_sum", { ...echoed, gen_ai_token_type: "input" }], 2, askFast],
  [["gen_ai_client_token_usage_sum", { ...echoed, gen_ai_token_type: "output" }], 2, askFast],
  [["llm_proxy_requests_total", { route: "main", protocol: "openai-chat", status: "200" }], 1, askFast],
  [["llm_proxy_requests_total", { route: "main", protocol: "openai-chat", status: "503" }], 1, (server) => asked(server, { model: "broken" })],
  [["llm_proxy_requests_total", { route: "main", protocol: "openai-chat", status: "499" }], 1, (server) => left(server, false)],
  [["llm_proxy_requests_total", { route: "unmatched", protocol: "", status: "404" }], 1, ({ url }) => fetch(`${url}/nowhere`).then((response) => response.text())],
  [["llm_proxy_requests_total", { route: "main", protocol: "openai-chat", status: "101" }], 1, openSocket],
  [["llm_proxy_overhead_seconds_count", { route: "main" }], 1, askFast],
  [["llm_proxy_rate_limited_total", { scope: "key", limit: "requestsPerDay" }], 2, async (server) => { for (let index = 0; index < 3; index += 1) await asked(server, { model: "fast" }, { path: "/tight" }); }],
  [["llm_proxy_auth_failures_total", { reason: "missing" }], 1, (server) => asked(server, { model: "fast" }, { key: "" })],
  [["llm_proxy_auth_failures_total", { reason: "invalid" }], 1, (server) => asked(server, { model: "fast" }, { key: "wrong" })],
  [["llm_proxy_auth_failures_total", { reason: "expired" }], 1, (server) => asked(server, { model: "fast" }, { key: "old" })],
  [["llm_proxy_auth_failures_total", { reason: "other-route" }], 1, (server) => asked(server, { model: "fast" }, { key: "other" })],
  [["llm_proxy_retries_total"], 1, (server) => asked(server, { model: "broken" })],
  [["llm_proxy_fallbacks_total", { model: "two", reason: "503" }], 1, (server) => asked(server, { model: "two" })],
  [["llm_proxy_client_disconnects_total", { phase: "before-first-part" }], 1, (server) => left(server, false)],
  [["llm_proxy_client_disconnects_total", { phase: "in-stream" }], 1, (server) => left(server, true)],
  [["llm_proxy_config_reloads_total", { result: "applied" }], 1, ({ proxy }) => proxy.apply(configOf({ ...config, generation: "00000002" }))],
  [["llm_proxy_config_reloads_total", { result: "unchanged" }], 1, ({ proxy }) => proxy.apply(configOf(config))],
  [["llm_proxy_config_reloads_total", { result: "rejected" }], 1, reject],
  [["llm_proxy_config_last_reload_successful"], -1, reject],
];

for (const [sample, by, work] of moves) {
  const [name, labels = {}] = sample;
  cases(`${name}${JSON.stringify(labels)} moves by ${by}`, () =>
    withServer({ config }, async (server) => assert.is(await added(server, sample, () => work(server)), by)));
}

cases("what is being answered shows by its listener, and no more once it is over", () =>
  withServer({ config }, async (server) => {
    const now = async (): Promise<number> => valueIn(samplesIn(await scrape(server)), "llm_proxy_in_flight_requests", { listener: "local" });
    const ended = asked(server, {});
    const call = await server.host.nextCall();
    assert.is(await now(), 2, "the question, and the scrape itself");
    call.say("one");
    call.finish();
    await ended;
    assert.is(await now(), 1);
  }));

cases("there are these metrics with these labels, and no others", () =>
  withServer({ config }, async (server) => {
    for (const [, , work] of moves) await work(server);
    const text = await scrape(server);
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name).filter((name) => !/^(?:process|nodejs)_/.test(name));
    assert.equal(names.toSorted(), Object.keys(labelsOf).toSorted());
    for (const { name, labels } of samplesIn(text)) {
      const metric = names.find((candidate) => name === candidate || name.replace(/_(?:bucket|sum|count)$/, "") === candidate);
      if (metric !== undefined) assert.equal(Object.keys(labels).filter((label) => label !== "le"), labelsOf[metric], name);
    }
    assert.is(valueIn(samplesIn(text), "llm_proxy_build_info", { version: "0.0.0" }), 1);
  }));

cases.run();
