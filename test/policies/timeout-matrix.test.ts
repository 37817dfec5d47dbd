import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Config } from "../../src/config/types.ts";
import type { TimeoutOptions } from "../../src/policies/timeout.ts";
import { echo, everyFailure, routeOf, scripted } from "../support/config.ts";
import { createScriptedHost } from "../support/scripted-host.ts";
import { ask, createTestApp, type TestApp } from "../support/test-app.ts";
import { nextTurn } from "../support/turn.ts";

/** Each limit, for whole answers and streams, of every kind of host: silent from the start, or after a first part. */
const cases = suite("policies/timeout, every cell");

type Limit = keyof TimeoutOptions;

interface Stalling {
  readonly config: Partial<Config>;
  /** For hosts that a test has to move. */
  readonly drive?: (app: TestApp) => Promise<void>;
  /** Settles once the model has been let go. */
  readonly released?: Promise<unknown>;
}

const hourMs = 3_600_000;

/** How each host falls silent: before the first part for `firstToken`, else after it. */
const hosts: Readonly<Record<string, (limit: Limit, work: (stalling: Stalling) => Promise<void>) => Promise<void>>> = {
  echo: (limit, work) => work({ config: { models: [limit === "firstToken" ? echo("test", { firstTokenMs: hourMs }) : echo("test", { reply: "one two", delayMs: hourMs })] } }),
  editor: async (limit, work) => {
    const released = Promise.withResolvers<void>();
    await work({
      config: { models: [scripted("test")] },
      released: released.promise,
      drive: async ({ host }) => {
        const call = await host.nextCall();
        if (limit !== "firstToken") call.say("one ");
        released.resolve(call.released);
      },
    });
  },
  upstream: async (limit, work) => {
    const closed = Promise.withResolvers<void>();
    const server = createServer((request, response) => {
      request.resume();
      response.once("close", closed.resolve);
      if (limit !== "firstToken") sendOne(response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    try {
      await work({
        config: {
          upstreams: [{ name: "stub", baseUrl, apiKey: "none", headers: {} }],
          models: [{ name: "test", targets: [{ kind: "upstream", upstream: "stub", model: "m" }], fallbackOn: everyFailure }],
        },
        released: closed.promise,
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
};

const sendOne = (response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write('data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"one "},"finish_reason":null}]}\n\n');
};

/** Lets time pass until the work is done, a second in each turn of the event loop. */
const passTime = async <Result>({ services }: TestApp, work: Promise<Result>): Promise<Result> => {
  const pass = async (): Promise<never> => {
    for (;;) {
      await nextTurn();
      if (isOver.aborted) return new Promise(() => {});
      services.clock.advance(1000);
    }
  };
  const over = new AbortController();
  const isOver = over.signal;
  return Promise.race([work.finally(() => over.abort()), pass()]);
};

const off = { ms: 0 };

for (const [host, stall] of Object.entries(hosts)) {
  for (const limit of ["firstToken", "idle", "total"] as const) {
    for (const stream of [false, true]) {
      cases(`${host}, ${stream ? "streamed" : "whole"}: ${limit}`, () =>
        stall(limit, async ({ config, drive, released }) => {
          const timeout: TimeoutOptions = { firstToken: off, idle: off, total: off, [limit]: { ms: 60_000, setAt: `defaults.timeout.${limit}` } };
          const app = createTestApp({ host: createScriptedHost(), config: { ...config, routes: [routeOf({ timeout, keepAliveMs: 0 })] } });
          const answer = app.post(ask({ stream })).then(async (response) => ({ status: response.status, text: await response.text() }));
          await drive?.(app);
          const { status, text } = await passTime(app, answer);
          const hasBegun = stream && limit !== "firstToken";
          assert.is(status, hasBegun ? 200 : 504);
          assert.match(text, `defaults.timeout.${limit}`);
          assert.not.match(text, "[DONE]");
          if (hasBegun) assert.match(text, /"content":"one ?"/);
          await released;
          // One turn for what is given back at the end.
          await nextTurn();
          assert.is(app.services.clock.waiting, 0);
        }));
    }
  }
}

cases.run();
