import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Config } from "../src/config/types.ts";
import { createDeployment } from "../src/deployment.ts";
import { load } from "../src/config/load.ts";
import { LlmProxy, type ProxyReport } from "../src/proxy.ts";
import { aliasOf, echo, echoTarget, routeOf, scripted } from "./support/config.ts";
import { freePort } from "./support/ports.ts";
import { connectRaw } from "./support/raw-client.ts";
import { createTestServices } from "./support/services.ts";
import { ask } from "./support/test-app.ts";
import { withServer, type TestServer } from "./support/test-server.ts";

const cases = suite("proxy-report");

const sha256 = (key: string): string => createHash("sha256").update(key).digest("hex");

const config: Partial<Config> = {
  models: [
    aliasOf("smart", { kind: "upstream", upstream: "nobody", model: "big" }, { kind: "selector", id: "scripted" }, echoTarget()),
    aliasOf("failing", echoTarget({ fail: { status: 503, after: 0 } }), { kind: "selector", id: "scripted" }),
    aliasOf("dead", { kind: "upstream", upstream: "nobody", model: "big" }),
    aliasOf("*", { kind: "selector", id: "*" }),
    echo("fast"),
  ],
  keys: [
    { name: "ci", sha256: sha256("ci-key"), models: ["fast"], rateLimit: { requestsPerMinute: 30, maxParallelRequests: 2 }, expiresAt: Date.UTC(2100, 0, 1) },
    { name: "old", sha256: sha256("old-key"), expiresAt: Date.UTC(2000, 0, 1) },
    { name: "empty" },
  ],
  routes: [
    routeOf({ auth: { accepts: ["ci", "old", "empty"] }, rateLimit: { per: "key", tokensPerDay: 1000 } }),
    routeOf({ name: "by-address", path: "/address", auth: { accepts: ["ci"] }, rateLimit: { per: "ip", requestsPerDay: 5 } }),
  ],
};

const withKey = { authorization: "Bearer ci-key" };

const reportAt = async ({ url }: Pick<TestServer, "url">, headers: Readonly<Record<string, string>> = withKey): Promise<{ status: number; report: ProxyReport }> => {
  const response = await fetch(`${url}/health`, { headers });
  return { status: response.status, report: (await response.json()) as ProxyReport };
};

const askFast = ({ url }: TestServer): Promise<string> =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", ...withKey }, body: JSON.stringify(ask({ model: "fast" })) }).then((response) => response.text());

cases("says what each alias stands for now, and why what comes before it is skipped; no model is called", () =>
  withServer({ config }, async (server) => {
    const { status, report } = await reportAt(server);
    assert.is(status, 200);
    const missing = "No upstream of that name is declared under upstreams:.";
    assert.equal(report.aliases, [
      { name: "smart", runnable: true, answers: "scripted/scripted", targets: [{ target: "nobody: big", unavailable: missing }, { target: "id scripted", model: "scripted/scripted" }, { target: "echo", model: "echo/echo" }] },
      { name: "failing", runnable: true, answers: "echo/echo", targets: [{ target: "echo", model: "echo/echo" }, { target: "id scripted", model: "scripted/scripted" }] },
      { name: "dead", runnable: false, targets: [{ target: "nobody: big", unavailable: missing }] },
      { name: "*", runnable: true, targets: [{ target: "id *", isByName: true }] },
      { name: "fast", runnable: true, answers: "echo/echo", targets: [{ target: "echo", model: "echo/echo" }] },
    ]);
    assert.is(server.host.callCount, 0);
  }));

cases("a model that keeps failing is told as such, and the one after it as who answers", () =>
  withServer({ config: { models: [scripted("test"), aliasOf("failing", echoTarget({ fail: { status: 503, after: 0 } }), { kind: "selector", id: "scripted" })] } }, async (server) => {
    for (let index = 0; index < 5; index += 1) {
      const answer = server.post(ask({ model: "failing" }));
      const call = await server.host.nextCall();
      call.say("instead");
      call.finish();
      await (await answer).text();
    }
    const { report: { aliases: [, failing] } } = await reportAt(server);
    assert.equal(failing, { name: "failing", runnable: true, answers: "scripted/scripted", targets: [{ target: "echo", model: "echo/echo", isFailing: true }, { target: "id scripted", model: "scripted/scripted" }] });
  }));

cases("says of each key whether it opens, for what, until when, and what is left of its limits", () =>
  withServer({ config }, async (server) => {
    const before = (await reportAt(server)).report.keys;
    assert.equal(before.map(({ name, state, models, expires }) => ({ name, state, models, expires })), [
      { name: "ci", state: "active", models: ["fast"], expires: "2100-01-01T00:00:00.000Z" },
      { name: "old", state: "expired", models: undefined, expires: "2000-01-01T00:00:00.000Z" },
      { name: "empty", state: "unset", models: undefined, expires: undefined },
    ]);
    const told = async () => (await reportAt(server)).report.keys[0]?.limits.map(({ limit, route, size, remaining }) => ({ limit, route, size, remaining }));
    assert.equal(await told(), [
      { limit: "requestsPerMinute", route: undefined, size: 30, remaining: 30 },
      { limit: "maxParallelRequests", route: undefined, size: 2, remaining: 2 },
      { limit: "tokensPerDay", route: "main", size: 1000, remaining: 1000 },
    ]);
    const ended = server.nextEnd();
    const { usage } = JSON.parse(await askFast(server)) as { usage: { total_tokens: number } };
    await ended;
    // Looking at it costs nothing.
    for (let looks = 0; looks < 3; looks += 1) {
      assert.equal((await told())?.map(({ remaining }) => remaining), [29, 2, 1000 - usage.total_tokens]);
    }
  }));

cases("counts requests, what is under way and connections in one set of figures", () =>
  withServer({ config }, async (server) => {
    const idle = await connectRaw(server.port);
    await askFast(server);
    const { figures } = (await reportAt(server)).report;
    assert.is(figures.active, 1, "the look at health itself");
    assert.ok(figures.connections >= 2);
    assert.is(figures.duration.lastMinute.count, 1);
    assert.is(figures.requests >= 1, true);
    idle.leave();
  }));

cases("without a key tells only that it runs, which is no attempt to come in", () =>
  withServer({ config }, async (server) => {
    const { status, report } = await reportAt(server, {});
    assert.equal([status, Object.keys(report).toSorted()], [200, ["generation", "instance", "state", "version"]]);
    assert.equal(Object.keys((await reportAt(server, { "x-api-key": "wrong" })).report).length, 4);
    const metrics = await (await fetch(`${server.url}/metrics`, { headers: withKey })).text();
    assert.match(metrics, 'llm_proxy_auth_failures_total{reason="missing"} 0\n');
    assert.match(metrics, 'llm_proxy_auth_failures_total{reason="invalid"} 1\n');
  }));

cases("holds what is wrong with the file, whether or not it came into force", async () => {
  const port = await freePort();
  const good = `version: 1\nlisteners: { local: { ports: ${port} } }\nmodels: { a: { echo: {} } }\n`;
  let text = good;
  const services = createTestServices();
  const proxy: LlmProxy = new LlmProxy({ services, hosts: {}, instance: "test", problems: () => deployment.allProblems() });
  const secrets = { read: () => ({ missing: "It is not set.", hint: "Set it." }) };
  const deployment = createDeployment({ proxy, read: async () => new TextEncoder().encode(text), load: (source) => load(source, { secrets }) });
  const lines = async (): Promise<readonly string[]> => (await proxy.report()).problems.map(({ severity, line, path }) => `${severity} ${line} ${path}`);
  const reloads = async (): Promise<string> => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return [...metrics.matchAll(/^llm_proxy_config_(?:reloads_total\{result="(\w+)"\}|(last)_reload_successful) (\d)/gm)].map(([, result, last, value]) => `${result ?? last} ${value}`).join(", ");
  };
  try {
    await deployment.deploy();
    assert.equal([await lines(), await reloads()], [[], "applied 1, unchanged 0, rejected 0, last 1"]);
    text = `${good}port: 1\n`;
    await deployment.deploy();
    assert.equal([await lines(), await reloads()], [["error 4 port"], "applied 1, unchanged 0, rejected 1, last 0"]);
    text = `${good}# mended\n`;
    await deployment.deploy();
    assert.equal([await lines(), await reloads()], [[], "applied 1, unchanged 1, rejected 1, last 1"]);
    text = `${good}keys: { ci: { key: "\${env:NOT_THERE}" } }\n`;
    await deployment.deploy();
    assert.equal(await lines(), ["warning 4 keys.ci.key"]);
  } finally {
    await deployment.close(0);
  }
});

cases.run();
