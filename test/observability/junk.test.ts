// runner: deadline 180 s
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { echo, routeOf } from "../support/config.ts";
import { connectRaw } from "../support/raw-client.ts";
import { ask } from "../support/test-app.ts";
import { withServer, type TestServer } from "../support/test-server.ts";
import { labelSetsIn } from "./samples.ts";

const cases = suite("observability/junk");

const key = "sk-good";
const config = {
  models: [echo("fast"), echo("*")],
  keys: [{ name: "ci", sha256: createHash("sha256").update(key).digest("hex") }],
  routes: [routeOf({ auth: { accepts: ["ci"] }, models: ["fast"] }), routeOf({ name: "open", path: "/open", auth: { accepts: ["ci"] } })],
};

const post = (path: string, model: string, presented = key): string => {
  const body = JSON.stringify(ask({ model }));
  return `POST ${path}/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${presented}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n\r\n`;

/** What a hostile client can make up, and the status that it gets. */
const kinds: Readonly<Record<string, readonly [status: number, request: (index: number) => string]>> = {
  "model names that nobody has": [404, (index) => post("/v1", `junk-${index}`)],
  "model names that a wildcard answers to": [200, (index) => post("/open", `junk-${index}`)],
  "paths": [404, (index) => get(`/junk-${index}`)],
  "paths below a route": [404, (index) => get(`/v1/junk-${index}`)],
  "models to look up": [404, (index) => get(`/v1/models/junk-${index}`)],
  "keys": [401, (index) => post("/v1", "fast", `junk-${index}`)],
  "methods and queries": [405, (index) => get(`/v1/chat/completions?junk=${index}`)],
};

/** Sends these requests, a hundred at once on each of four connections, and waits for all answers. */
const send = async ({ port }: TestServer, status: number, requests: readonly string[]): Promise<void> => {
  const work = async (own: readonly string[]): Promise<void> => {
    for (let from = 0; from < own.length; from += 100) {
      const burst = own.slice(from, from + 100);
      const client = await connectRaw(port);
      client.write(burst.map((request, index) => (index === burst.length - 1 ? request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n") : request)).join(""));
      const received = await client.closed();
      assert.is([...received.matchAll(new RegExp(`HTTP/1\\.1 ${status} `, "g"))].length, burst.length, received.slice(0, 500));
    }
  };
  await Promise.all([0, 1, 2, 3].map((place) => work(requests.filter((_, index) => index % 4 === place))));
};

const labelSets = async ({ url }: TestServer): Promise<ReturnType<typeof labelSetsIn>> =>
  labelSetsIn(await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text());

for (const [what, [status, request]] of Object.entries(kinds)) {
  cases(`ten thousand ${what} add one label set to a metric`, () =>
    withServer({ config }, async (server) => {
      // What is always there once it has been scraped.
      await labelSets(server);
      const before = await labelSets(server);
      await send(server, status, [request(0)]);
      const once = await labelSets(server);
      for (const [name, sets] of once) {
        // Of histograms of tokens, one for those of prompts and one for those of answers.
        const most = name.startsWith("gen_ai_client_token_usage") ? 2 : 1;
        assert.ok(sets.size - (before.get(name)?.size ?? 0) <= most, `${name}: ${[...sets].join(" ")}`);
      }
      await send(server, status, Array.from({ length: 9999 }, (_, index) => request(index + 1)));
      assert.equal(await labelSets(server), once);
    }));
}

cases.run();
