import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import type { Config, RouteConfig } from "../../src/config/types.ts";
import { modelFailed } from "../../src/errors.ts";
import { addressBlock, durationHeader } from "../../src/policies/rate-limit.ts";
import { configOf, echo, routeOf, scripted } from "../support/config.ts";
import { errorOf, readPieces } from "../support/read.ts";
import { ask, createTestApp, type TestApp } from "../support/test-app.ts";
import { withServer } from "../support/test-server.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("policies/rate-limit");

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const bearer = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

/** Echo counts words: `hello there` is two tokens, and so is its echo. */
const asked = ask({ model: "echo" });

const configWith = (rateLimit: Partial<RouteConfig["rateLimit"]>, changes: Partial<Config> = {}): Partial<Config> => ({
  routes: [routeOf({ rateLimit: { per: "ip", ...rateLimit } })],
  ...changes,
});

const withKeys = (rateLimit: RouteConfig["rateLimit"], ownLimit: Config["keys"][number]["rateLimit"] = {}): Partial<Config> => ({
  keys: [{ name: "ci", sha256: sha256("ci-key"), rateLimit: ownLimit }, { name: "ann", sha256: sha256("ann-key") }],
  routes: [routeOf({ auth: { accepts: ["ci", "ann"] }, rateLimit }), routeOf({ name: "team", path: "/team", auth: { accepts: ["ci"] } })],
});

const limitHeaders = (response: Response): Readonly<Record<string, string>> =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("x-ratelimit-")).map(([name, value]) => [name.slice("x-ratelimit-".length), value]));

/** Asks until the answer is read, so that its tokens have been counted. */
const askWhole = async ({ post }: TestApp, body: unknown = asked, headers: Readonly<Record<string, string>> = {}): Promise<Response> => {
  const response = await post(body, { headers });
  const text = await response.text();
  await nextTurn();
  return new Response(text, { status: response.status, headers: response.headers });
};

cases("who speaks Anthropic's API is told how things stand in its headers", async () => {
  const app = createTestApp({ config: configWith({ requestsPerMinute: 2, tokensPerDay: 100 }) });
  await askWhole(app);
  const start = app.services.clock.now();
  const { headers } = await askWhole(app, asked, { "anthropic-version": "2023-06-01" });
  const told = Object.fromEntries([...headers].filter(([name]) => name.includes("ratelimit")));
  const secondAfter = (ms: number): string => new Date(Math.ceil((start + ms) / 1000) * 1000).toISOString().replace(".000Z", "Z");
  assert.equal(told, {
    "anthropic-ratelimit-requests-limit": "2",
    "anthropic-ratelimit-requests-remaining": "0",
    "anthropic-ratelimit-requests-reset": secondAfter(60_000),
    "anthropic-ratelimit-tokens-limit": "100",
    "anthropic-ratelimit-tokens-remaining": "96",
    "anthropic-ratelimit-tokens-reset": secondAfter(4 * 864_000),
  });
});

cases("the request after the last is a 429 with the exact wait, in words and headers", async () => {
  const app = createTestApp({ config: configWith({ requestsPerMinute: 2 }) });
  const first = await askWhole(app);
  assert.equal(limitHeaders(first), { "limit-requests": "2", "remaining-requests": "1", "reset-requests": "30s" });
  assert.equal(limitHeaders(await askWhole(app)), { "limit-requests": "2", "remaining-requests": "0", "reset-requests": "1m0s" });
  app.services.clock.advance(500);
  const refused = await askWhole(app);
  assert.is(refused.status, 429);
  assert.is(refused.headers.get("retry-after"), "30");
  assert.is(refused.headers.get("retry-after-ms"), "29500");
  assert.is(refused.headers.get("x-should-retry"), null);
  assert.equal(limitHeaders(refused), { "limit-requests": "2", "remaining-requests": "0", "reset-requests": "59.5s" });
  assert.equal(await errorOf(refused), {
    message: 'The address 127.0.0.1 has used up its requestsPerMinute of 2. Try again in 30s, or raise the limit under rateLimit: of route "main" in .llmproxy.yaml.',
    type: "rate_limit_error",
    param: null,
    code: "rate_limit_exceeded",
  });
  app.services.clock.advance(29_499);
  assert.is((await askWhole(app)).status, 429);
  app.services.clock.advance(1);
  assert.is((await askWhole(app)).status, 200);
});

cases("a wait of more than a minute is told not to be tried again by itself", async () => {
  const app = createTestApp({ config: configWith({ requestsPerDay: 1 }) });
  await askWhole(app);
  const refused = await askWhole(app);
  assert.equal([refused.status, refused.headers.get("retry-after"), refused.headers.get("x-should-retry")], [429, "86400", "false"]);
  assert.match((await errorOf(refused)).message, "Try again in 24h");
});

cases("what touches no limit has no headers of one, and asking for models costs nothing", async () => {
  const app = createTestApp({ config: configWith({ requestsPerMinute: 1 }) });
  for (let count = 0; count < 3; count += 1) {
    const models = await app.get("/v1/models");
    assert.is(models.status, 200);
    assert.equal(limitHeaders(models), {});
  }
  assert.is((await askWhole(app)).status, 200);
  assert.equal(limitHeaders(await askWhole(createTestApp())), {});
});

cases("a request that fails has counted, one that was refused has not", async () => {
  const app = createTestApp({ config: configWith({ requestsPerMinute: 2 }) });
  assert.is((await askWhole(app, { model: "echo" })).status, 400);
  assert.is((await askWhole(app, ask({ model: "nope" }))).status, 404);
  for (let count = 0; count < 5; count += 1) assert.is((await askWhole(app)).status, 429);
  app.services.clock.advance(30_000);
  assert.is((await askWhole(app)).status, 200);
});

cases("several answers to one question are told to have taken as many requests as they did", async () => {
  const app = createTestApp({ config: configWith({ requestsPerMinute: 6, requestsPerDay: 100, tokensPerMinute: 50 }) });
  const told = limitHeaders(await askWhole(app, { ...asked, n: 3 }));
  assert.equal([told["remaining-requests"], told["reset-requests"], told["remaining-tokens"]], ["3", "30s", "50"]);
  const { headers } = await askWhole(app, { ...asked, n: 2 }, { "anthropic-version": "2023-06-01" });
  assert.is(headers.get("anthropic-ratelimit-requests-remaining"), "1");
});

cases("several answers to one question are as many requests", async () => {
  const app = createTestApp({ config: configWith({ requestsPerMinute: 4 }) });
  assert.is((await askWhole(app, { ...asked, n: 5 })).status, 200);
  const refused = await askWhole(app);
  assert.equal([refused.status, refused.headers.get("retry-after")], [429, "30"]);
});

cases("tokens are taken once they are known, and may go below zero", async () => {
  const app = createTestApp({ config: configWith({ tokensPerMinute: 3 }) });
  const first = await askWhole(app);
  assert.equal(limitHeaders(first), { "limit-tokens": "3", "remaining-tokens": "3", "reset-tokens": "0ms" });
  const refused = await askWhole(app);
  assert.equal([refused.status, refused.headers.get("retry-after-ms")], [429, "20001"]);
  assert.match((await errorOf(refused)).message, "tokensPerMinute of 3");
  app.services.clock.advance(20_001);
  assert.is((await askWhole(app)).status, 200);
});

cases("tokens of a stream are taken as well, and of one that its client leaves by their looks", async () => {
  const app = createTestApp({ config: configWith({ tokensPerMinute: 100 }) });
  assert.equal(limitHeaders(await askWhole(app, { ...asked, stream: true }))["remaining-tokens"], "100");
  assert.equal(limitHeaders(await askWhole(app))["remaining-tokens"], "96");
  const leave = new AbortController();
  const answer = app.post(ask({ stream: true }), { signal: leave.signal });
  const call = await app.host.nextCall();
  call.say("x".repeat(200));
  await readPieces(await answer).next();
  leave.abort();
  await call.released;
  // 11 characters of the question and 200 of the answer, four for a token.
  assert.equal(limitHeaders(await askWhole(app))["remaining-tokens"], String(100 - 4 - 4 - 53));
});

cases("a model that gives no answer costs no tokens", async () => {
  const app = createTestApp({ config: configWith({ tokensPerMinute: 100 }, { models: [scripted("test"), echo("echo")] }) });
  const answer = app.post(ask());
  (await app.host.nextCall()).fail(modelFailed("Broken.", 401));
  await (await answer).text();
  assert.equal(limitHeaders(await askWhole(app))["remaining-tokens"], "100");
});

cases("so many at once, and the next one when one of them has ended or its client has left", async () => {
  const app = createTestApp({ config: configWith({ maxParallelRequests: 2 }) });
  const leave = new AbortController();
  const first = app.post(ask());
  const firstCall = await app.host.nextCall();
  void app.post(ask(), { signal: leave.signal }).catch(() => {});
  const secondCall = await app.host.nextCall();
  const refused = await askWhole(app);
  assert.equal([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  assert.match((await errorOf(refused)).message, "maxParallelRequests of 2");
  assert.equal(limitHeaders(refused), {});
  firstCall.finish();
  await (await first).text();
  assert.is((await askWhole(app)).status, 200);
  leave.abort();
  await secondCall.released;
  const again = [app.post(ask()), app.post(ask())];
  for (let count = 0; count < 2; count += 1) (await app.host.nextCall()).finish();
  assert.equal((await Promise.all(again)).map(({ status }) => status), [200, 200]);
});

cases("every limit that matches has to let in, and the headers tell of the one that leaves least", async () => {
  const app = createTestApp({ config: configWith({ requestsPerMinute: 10, requestsPerDay: 3, tokensPerMinute: 1000, tokensPerDay: 500 }) });
  assert.equal(limitHeaders(await askWhole(app)), {
    "limit-requests": "3", "remaining-requests": "2", "reset-requests": "8h0m0s",
    "limit-tokens": "500", "remaining-tokens": "500", "reset-tokens": "0ms",
  });
});

cases("per key: each has its own, and a key's own limit holds on all routes together", async () => {
  const app = createTestApp({ config: withKeys({ per: "key", requestsPerMinute: 3 }, { requestsPerMinute: 2 }) });
  const team = { path: "/team/chat/completions", headers: bearer("ci-key") };
  assert.is((await askWhole(app, asked, bearer("ci-key"))).status, 200);
  assert.is((await app.post(asked, team)).status, 200);
  const refused = await app.post(asked, team);
  assert.is(refused.status, 429);
  assert.is((await errorOf(refused)).message, 'The key "ci" has used up its requestsPerMinute of 2. Try again in 30s, or raise the limit under rateLimit: of the key "ci" in .llmproxy.yaml.');
  for (let count = 0; count < 3; count += 1) assert.is((await askWhole(app, asked, bearer("ann-key"))).status, 200);
  const limited = await askWhole(app, asked, bearer("ann-key"));
  assert.is((await errorOf(limited)).message, 'The key "ann" has used up its requestsPerMinute of 3. Try again in 20s, or raise the limit under rateLimit: of route "main" in .llmproxy.yaml.');
  const refusals = app.services.lines.filter(({ fields }) => fields["status"] === 429).map(({ fields }) => [fields["key"], fields["limit"]]);
  assert.equal(refusals, [["ci", "requestsPerMinute"], ["ann", "requestsPerMinute"]]);
});

cases("per route: all share one", async () => {
  const app = createTestApp({ config: withKeys({ per: "route", requestsPerMinute: 2 }) });
  assert.is((await askWhole(app, asked, bearer("ci-key"))).status, 200);
  assert.is((await askWhole(app, asked, bearer("ann-key"))).status, 200);
  assert.match((await errorOf(await askWhole(app, asked, bearer("ann-key")))).message, 'Route "main" has used up');
});

cases("a wrong key is a 401 and takes nothing from anybody", async () => {
  const app = createTestApp({ config: withKeys({ per: "route", requestsPerMinute: 1 }) });
  for (let count = 0; count < 5; count += 1) assert.is((await askWhole(app, asked, bearer("nope"))).status, 401);
  assert.is((await askWhole(app, asked, bearer("ann-key"))).status, 200);
});

cases("a new configuration forgives nobody, and a limit that changes leaves everybody their share", async () => {
  const before = createTestApp({ config: configWith({ requestsPerMinute: 4 }) });
  for (let count = 0; count < 4; count += 1) await askWhole(before);
  const same = createTestApp({ config: configWith({ requestsPerMinute: 4 }), previous: before });
  assert.is((await askWhole(same)).status, 429);
  before.services.clock.advance(30_000);
  const wider = createTestApp({ config: configWith({ requestsPerMinute: 100 }), previous: before });
  assert.equal(limitHeaders(await askWhole(wider))["remaining-requests"], "49");
});

for (const [size, left] of [[1000, "995"], [10, "5"]] as const) {
  cases(`a stream that runs while a limit of 100 becomes ${size} takes what it used, whoever asks meanwhile`, () =>
    withServer({ config: configWith({ tokensPerDay: 100 }) }, async (server) => {
      const begun = server.post(ask({ stream: true }));
      const call = await server.host.nextCall();
      call.say("Hel");
      const answer = await begun;
      const reload = { generation: "00000002", ...configWith({ tokensPerDay: size }) };
      assert.is((await server.proxy.apply(configOf(reload))).result, "applied");
      assert.is(limitHeaders(await server.post({ model: "echo" }))["remaining-tokens"], String(size));
      await server.nextEnd();
      call.finish();
      await answer.text();
      await server.nextEnd();
      assert.is(limitHeaders(await server.post({ model: "echo" }))["remaining-tokens"], left);
    }));
}

cases("each frame of a WebSocket is a request, and opening one is none", () =>
  withServer({ config: configOf(configWith({ requestsPerMinute: 2 })) }, async ({ port, url }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/chat/completions`);
    await new Promise((resolve) => socket.once("open", resolve));
    const nextEnd = (): Promise<string> => new Promise((resolve) => {
      const listen = (data: unknown): void => {
        const text = (data as Buffer).toString();
        if (text !== "[DONE]" && !text.includes('"error"')) return;
        socket.off("message", listen);
        resolve(text);
      };
      socket.on("message", listen);
    });
    const ends: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      socket.send(JSON.stringify(asked));
      ends.push(await nextEnd());
    }
    assert.equal(ends.slice(0, 2), ["[DONE]", "[DONE]"]);
    assert.match(ends[2] ?? "", "rate_limit_exceeded");
    const refused = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked) });
    assert.is(refused.status, 429);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close();
    await closed;
  }));

cases("one IPv6 customer is one client, however many addresses it has", () => {
  assert.is(addressBlock("203.0.113.9"), "203.0.113.9");
  assert.is(addressBlock("2001:db8:1:2::1"), "2001:db8:1:2::/64");
  assert.is(addressBlock("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.is(addressBlock("2001:0db8:0001:0002:ffff::"), "2001:db8:1:2::/64");
  assert.not.equal(addressBlock("2001:db8:1:3::1"), addressBlock("2001:db8:1:2::1"));
  assert.is(addressBlock("::1"), "0:0:0:0::/64");
  assert.is(addressBlock("fe80::1%eth0"), "fe80:0:0:0::/64");
});

cases("durations read as OpenAI writes them", () => {
  const written = [0, 12, 999, 1000, 1500, 60_000, 360_000, 3_603_000, 86_400_000].map(durationHeader);
  assert.equal(written, ["0ms", "12ms", "999ms", "1s", "1.5s", "1m0s", "6m0s", "1h0m3s", "24h0m0s"]);
});

cases.run();
