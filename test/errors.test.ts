import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { OpenAI, APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError } from "openai";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as errors from "../src/errors.ts";
import type { ListenerConfig } from "../src/config/types.ts";
import type { ProxyError } from "../src/errors.ts";
import { createBodyRoom } from "../src/limits/body-room.ts";
import { createEchoHost } from "../src/models/echo.ts";
import type { LeavingOptions } from "../src/policies/leaving.ts";
import { echo, listenerOf, routeOf, scripted } from "./support/config.ts";
import { createHandClock } from "./support/hand-clock.ts";
import { eventsIn, readPieces, type WireError } from "./support/read.ts";
import { ask, createTestApp, type TestApp, type TestAppOptions } from "./support/test-app.ts";
import { nextTurn } from "./support/turn.ts";

const cases = suite("errors");

const page = readFileSync(new URL("../docs/reference/errors.md", import.meta.url), "utf8");

interface Row {
  readonly status: string;
  readonly type: string;
  /** As written, without its backticks. */
  readonly code: string;
  readonly message: string;
  readonly triedAgain: string;
}

/** The rows of the page's tables. */
const rows = [...page.matchAll(/^\| (\d{3}) \| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|/gm)].map(([, status = "", type = "", code = "", message = "", triedAgain = ""]): Row => (
  { status, type, code: code.replaceAll("`", ""), message, triedAgain }
));

const patternOf = ({ message }: Row): RegExp =>
  new RegExp(`^${message.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^]+")}$`);

const rowOf = (status: number, { message }: WireError): Row | undefined =>
  // The longest first: "… refused the request: …" would match much.
  rows.toSorted((a, b) => b.message.length - a.message.length).find((row) => row.status === String(status) && patternOf(row).test(message));

type Scenario = () => Promise<Response>;

const asked = ask({ model: "echo" });
const keyed: TestAppOptions = {
  config: {
    models: [echo("echo"), echo("other")],
    keys: [{ name: "ci", sha256: createHash("sha256").update("ci-key").digest("hex"), models: ["echo"] }],
    routes: [routeOf({ auth: { accepts: ["ci"] } }), routeOf({ name: "team", path: "/team", auth: { accepts: [] } })],
  },
};
const key = { authorization: "Bearer ci-key" };

/** The scripted model fails with this before its answer begins. */
const failing = (thrown: unknown) => async (): Promise<Response> => {
  const { post, host } = createTestApp();
  const answer = post(ask());
  (await host.nextCall()).fail(thrown);
  return answer;
};

/** The first request begins, and then something happens to it. */
const after = (happens: (call: Awaited<ReturnType<TestApp["host"]["nextCall"]>>, app: TestApp) => unknown, body: unknown = ask()): Scenario => async () => {
  const app = createTestApp();
  const answer = app.post(body);
  await happens(await app.host.nextCall(), app);
  return answer;
};

const leaving = (error: ProxyError): Scenario => async () => {
  const listener: ListenerConfig & LeavingOptions = { ...listenerOf(), refusal: () => error };
  return createTestApp({ config: { listeners: [listener] } }).post(asked);
};

const sayTwice = (body: unknown): Scenario => async () => {
  const { post, host } = createTestApp();
  const answer = post(body);
  for (let count = 0; count < 2; count += 1) {
    const call = await host.nextCall();
    call.say("No.");
    call.finish();
  }
  return answer;
};

const tools = ["a", "b"].map((name) => ({ type: "function", function: { name, parameters: { type: "object" } } }));

/** How each error that `errors.ts` makes comes about. */
const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  invalidField: [async () => createTestApp().post({ model: "echo", messages: "hello" })],
  invalidJson: [async () => createTestApp().post("{")],
  invalidApiKey: [async () => createTestApp(keyed).post(asked), async () => createTestApp(keyed).post(asked, { headers: { "x-api-key": "nope" } })],
  routeNotAllowed: [async () => createTestApp(keyed).post(asked, { path: "/team/chat/completions", headers: key })],
  modelNotAllowed: [async () => createTestApp(keyed).post(ask({ model: "other" }), { headers: key })],
  severalHosts: [leaving(errors.severalHosts(2))],
  hostNotAllowed: [async () => createTestApp().fetch(new Request("http://evil.test/v1/models"))],
  originNotAllowed: [async () => createTestApp().get("/v1/models", { origin: "https://evil.test" })],
  embeddingsNotServed: [async () => createTestApp().post({ model: "echo", input: "a" }, { path: "/v1/embeddings" })],
  modelNotFound: [async () => createTestApp().post(ask({ model: "ekko" })), async () => createTestApp().get("/v1/models/zzz")],
  modelUnavailable: [async () => createTestApp({ hosts: { echo: createEchoHost(createHandClock()) } }).post(ask())],
  pathNotFound: [async () => createTestApp().get("/v1/nope")],
  methodNotAllowed: [async () => createTestApp().get("/v1/chat/completions")],
  bodyTooLarge: [async () => createTestApp({ config: { listeners: [listenerOf({ maxBodyBytes: 10 })] } }).post(asked)],
  bodyTooSlow: [async () => {
    const { fetch: send, services } = createTestApp();
    const body = new ReadableStream({ pull: () => new Promise<void>(() => {}) });
    const answer = send(new Request("http://localhost/v1/chat/completions", { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" }));
    await nextTurn();
    services.clock.advance(60_000);
    return answer;
  }],
  unsupportedMediaType: [async () => createTestApp().post(asked, { headers: { "content-type": "text/plain" } })],
  internalError: [failing(new TypeError("x is not a function"))],
  modelFailed: [failing(errors.modelFailed("The upstream ollama answered 502: out of memory."))],
  modelUnreachable: [failing(errors.modelUnreachable("The upstream ollama at http://127.0.0.1:11434 refused the connection."))],
  modelRefusedRequest: [failing(errors.modelRefusedRequest("copilot/gpt-4o", "no such option.", "model_not_supported"))],
  unreadableRequest: [failing(errors.unreadableRequest("copilot/gpt-4o"))],
  contextTooLong: [failing(errors.contextTooLong("copilot/gpt-4o"))],
  contentFiltered: [failing(errors.contentFiltered("copilot/gpt-4o"))],
  modelAccessRefused: [failing(errors.modelAccessRefused("copilot"))],
  modelAccessUnanswered: [failing(errors.modelAccessUnanswered("copilot"))],
  modelBlocked: [failing(errors.modelBlocked("copilot/gpt-4o"))],
  modelRateLimited: [failing(errors.modelRateLimited("copilot/gpt-4o"))],
  modelQuotaExceeded: [failing(errors.modelQuotaExceeded("copilot/gpt-4o"))],
  clientTooSlow: [failing(errors.clientTooSlow(8 * 1024 ** 2))],
  unusableAnswer: [
    sayTwice(ask({ tools, tool_choice: "required" })),
    sayTwice(ask({ response_format: { type: "json_schema", json_schema: { name: "n", strict: true, schema: { type: "object", properties: {}, additionalProperties: false } } } })),
  ],
  emptyAnswer: [after((call) => call.end())],
  cutAnswer: [after((call) => {
    call.say("half");
    call.end();
  })],
  rateLimited: [async () => {
    const { post } = createTestApp({ config: { routes: [routeOf({ rateLimit: { per: "ip", requestsPerMinute: 1 } })] } });
    await post(asked);
    return post(asked);
  }],
  timedOut: [
    after((_call, { services }) => services.clock.advance(300_000)),
    after(async (call, { services }) => {
      call.say("half");
      await nextTurn();
      services.clock.advance(120_000);
    }),
    async () => {
      const timeout = { firstToken: { ms: 0 }, idle: { ms: 0 }, total: { ms: 60_000, setAt: "defaults.timeout.total" } };
      const { post, host, services } = createTestApp({ config: { models: [scripted("test")], routes: [routeOf({ timeout })] } });
      const answer = post(ask());
      await host.nextCall();
      services.clock.advance(60_000);
      return answer;
    },
  ],
  bodiesTooLarge: [async () => {
    const app = createTestApp({ bodies: createBodyRoom(50), config: { listeners: [listenerOf({ maxBodyBytes: 100 })] } });
    for (let count = 0; count < 3; count += 1) {
      const unfinished = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(50)) });
      void app.fetch(new Request("http://localhost/v1/chat/completions", { method: "POST", headers: { "content-type": "application/json" }, body: unfinished, duplex: "half" }));
    }
    await nextTurn();
    return app.post(asked);
  }],
  draining: [leaving(errors.draining())],
  listenerRemoved: [leaving(errors.listenerRemoved())],
};

const statusClasses: Readonly<Record<string, new (...facts: never[]) => APIError>> = { 400: BadRequestError, 401: AuthenticationError, 403: PermissionDeniedError, 404: NotFoundError, 429: RateLimitError, 500: InternalServerError };

/** What OpenAI's own client throws when it gets this answer. */
const thrownByClient = async (response: Response): Promise<APIError> => {
  const client = new OpenAI({ apiKey: "x", baseURL: "http://localhost/v1", maxRetries: 0, fetch: async () => response });
  const thrown = await client.chat.completions.create({ model: "test", messages: [] }).catch((error: unknown) => error);
  assert.instance(thrown, APIError);
  return thrown as APIError;
};

const reached = new Set<Row>();

for (const [name, ways] of Object.entries(scenarios)) {
  for (const [index, scenario] of ways.entries()) {
    cases(`${name}${ways.length > 1 ? ` ${index + 1}` : ""}: as the page says, and as OpenAI's client reads it`, async () => {
      const response = await scenario();
      const { error } = await response.clone().json() as { error: WireError };
      const row = rowOf(response.status, error);
      assert.ok(row !== undefined, `no row says ${response.status} ${error.message}`);
      if (row === undefined) return;
      reached.add(row);
      assert.equal(Object.keys(error), ["message", "type", "param", "code"]);
      assert.is(error.type, row.type);
      if (row.code !== "the service's own") assert.is(error.code ?? "null", row.code);
      const triesAgain = response.headers.get("x-should-retry") ?? String([408, 429].includes(response.status) || response.status >= 500);
      if (row.triedAgain === "yes" || row.triedAgain === "no") assert.is(triesAgain, String(row.triedAgain === "yes"));
      assert.type(response.headers.get("x-request-id"), "string");
      const thrown = await thrownByClient(response);
      const expected = statusClasses[response.status >= 500 ? 500 : response.status] ?? APIError;
      assert.instance(thrown, expected);
      assert.equal([thrown.status, thrown.message, thrown.type, thrown.code, thrown.param], [response.status, `${response.status} ${error.message}`, error.type, error.code, error.param]);
    });
  }
}

cases("every error of errors.ts comes about in one of these ways", () => {
  const made = Object.entries(errors).filter(([name, value]) => typeof value === "function" && name !== "ProxyError").map(([name]) => name);
  assert.equal(Object.keys(scenarios).toSorted(), made.toSorted());
});

cases("every row of the page is reached", () => {
  assert.ok(rows.length > 30);
  assert.equal(rows.filter((row) => !reached.has(row)).map(({ status, message }) => `${status} ${message}`), []);
});

cases("in a stream, the same object is the last event, without [DONE]", async () => {
  const { post, host } = createTestApp();
  const answer = post(ask({ stream: true }));
  const call = await host.nextCall();
  call.say("half");
  const pieces = readPieces(await answer);
  await pieces.next();
  call.fail(errors.modelUnreachable("The upstream ollama broke off."));
  const events = eventsIn(await pieces.next() ?? "");
  assert.equal(JSON.parse(events.at(-1) ?? ""), { error: { message: "The upstream ollama broke off.", type: "server_error", param: null, code: "upstream_error" } });
  assert.is(await pieces.next(), undefined);
});

cases("OpenAI's client throws at an error in a stream, and takes none for an end", async () => {
  const { post, host } = createTestApp();
  const answer = post(ask({ stream: true }));
  const call = await host.nextCall();
  call.say("half");
  const response = await answer;
  const client = new OpenAI({ apiKey: "x", baseURL: "http://localhost/v1", maxRetries: 0, fetch: async () => response });
  const stream = await client.chat.completions.create({ model: "test", messages: [], stream: true });
  call.fail(errors.modelRateLimited("copilot/gpt-4o"));
  let text = "";
  const thrown = await (async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    return undefined;
  })().catch((error: unknown) => error);
  assert.is(text, "half");
  assert.instance(thrown, APIError);
});

cases.run();
