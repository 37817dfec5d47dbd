import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import type { Config } from "../../src/config/types.ts";
import { configOf, echo, routeOf } from "../support/config.ts";
import { errorOf, jsonOf } from "../support/read.ts";
import { ask, createTestApp } from "../support/test-app.ts";
import { withServer } from "../support/test-server.ts";

const cases = suite("routes/keys");

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The key `ci` may use `fast` only, `ann` everything; both on /v1, and `ann` alone on /team. */
const config: Partial<Config> = {
  models: [echo("fast"), echo("slow")],
  keys: [{ name: "ci", sha256: sha256("ci-key"), models: ["fast"] }, { name: "ann", sha256: sha256("ann-key") }],
  routes: [
    routeOf({ auth: { accepts: ["ci", "ann"] } }),
    routeOf({ name: "team", path: "/team", auth: { accepts: ["ann"] } }),
  ],
};

const bearer = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

cases("a key is served the models that it lists, and gets a 403 for others", async () => {
  const { post } = createTestApp({ config });
  assert.is((await post(ask({ model: "fast" }), { headers: bearer("ci-key") })).status, 200);
  const refused = await post(ask({ model: "slow" }), { headers: bearer("ci-key") });
  assert.is(refused.status, 403);
  assert.is(refused.headers.get("x-should-retry"), "false");
  assert.is((await errorOf(refused)).code, "permission_denied");
  assert.is((await post(ask({ model: "slow" }), { headers: bearer("ann-key") })).status, 200);
});

cases("lists of models show what the key may use", async () => {
  const { get } = createTestApp({ config });
  const namesFor = async (key: string): Promise<readonly unknown[]> => {
    const { data } = await jsonOf(await get("/v1/models", bearer(key)));
    return (data as unknown as readonly { id: string }[]).map(({ id }) => id);
  };
  assert.equal(await namesFor("ci-key"), ["fast"]);
  assert.equal(await namesFor("ann-key"), ["fast", "slow"]);
  assert.is((await get("/v1/models/slow", bearer("ci-key"))).status, 403);
  assert.is((await get("/v1/models/fast", bearer("ci-key"))).status, 200);
});

cases("a key of another route is a 403, an unknown one a 401", async () => {
  const { post, services } = createTestApp({ config });
  const path = "/team/chat/completions";
  assert.is((await post(ask({ model: "fast" }), { path, headers: bearer("ci-key") })).status, 403);
  assert.is((await post(ask({ model: "fast" }), { path, headers: bearer("nope") })).status, 401);
  assert.is((await post(ask({ model: "fast" }), { path, headers: bearer("ann-key") })).status, 200);
  const lines = services.lines.filter(({ event }) => event === "request").map(({ fields }) => [fields["key"], fields["auth"], fields["status"]]);
  assert.equal(lines, [["ci", "other-route", 403], [undefined, "invalid", 401], ["ann", undefined, 200]]);
});

/** What became of opening a WebSocket: the sub-protocol that was agreed on, or the status of the refusal. */
const open = (port: number, protocols: readonly string[]): Promise<{ socket?: WebSocket; status?: number }> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/chat/completions`, [...protocols]);
    socket.once("open", () => resolve({ socket }));
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0 });
    });
    socket.once("error", reject);
  });

cases("a browser gives its key as a sub-protocol, is answered with another, and is held to its models", () =>
  withServer({ config: configOf(config) }, async ({ port }) => {
    const { socket } = await open(port, ["openai-insecure-api-key.ci-key", "realtime"]);
    assert.is(socket?.protocol, "realtime");
    if (socket === undefined) return;
    const next = (): Promise<string> => new Promise((resolve) => socket.once("message", (data) => resolve((data as Buffer).toString())));
    socket.send(JSON.stringify(ask({ model: "slow" })));
    assert.match(await next(), "permission_denied");
    socket.send(JSON.stringify(ask({ model: "fast" })));
    assert.match(await next(), "chat.completion.chunk");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close();
    await closed;
    assert.is((await open(port, ["openai-insecure-api-key.nope", "realtime"])).status, 401);
    assert.is((await open(port, ["realtime"])).status, 401);
  }));

cases.run();
