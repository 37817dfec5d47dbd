import { suite } from "uvu";
import * as assert from "uvu/assert";
import { echo } from "../support/config.ts";
import { connectRaw, rawPost, type RawClient } from "../support/raw-client.ts";
import { createScriptedHost, type ScriptedCall, type ScriptedHost } from "../support/scripted-host.ts";
import { ask } from "../support/test-app.ts";
import { withServer, type TestServer } from "../support/test-server.ts";

/** Two ways to go: a process that is killed resets its connections, one that ends closes them. */
const ways: readonly (readonly [name: string, leave: (client: RawClient) => void])[] = [
  ["is killed", (client) => client.leave()],
  ["hangs up", (client) => void client.socket.destroy()],
];

interface Asked {
  readonly server: TestServer;
  readonly client: RawClient;
  readonly call: ScriptedCall;
}

/** A client that has asked, and a model that is just asked. */
const withAsked = (host: ScriptedHost, isStreamed: boolean, work: (asked: Asked) => Promise<void>): Promise<void> =>
  withServer({ host }, async (server) => {
    const client = await connectRaw(server.port);
    client.write(rawPost(ask({ stream: isStreamed })));
    await work({ server, client, call: await host.nextCall() });
    assert.is(server.services.lines.filter(({ event }) => event === "request").length, 1, "the exchange ended more than once");
  });

const endOf = async (server: TestServer): Promise<unknown> => (await server.nextEnd()).fields["ended"];

const leaving = suite("routes/leaving");

for (const [way, leave] of ways) {
  for (const isStreamed of [true, false]) {
    const what = isStreamed ? "a stream" : "a whole answer";

    leaving(`a client that ${way} before the first part of ${what} stops the model`, () =>
      withAsked(createScriptedHost(), isStreamed, async ({ server, client, call }) => {
        leave(client);
        await call.aborted;
        await call.released;
        assert.is(await endOf(server), "client-left");
      }));

    leaving(`a client that ${way} in the middle of ${what} stops the model`, () =>
      withAsked(createScriptedHost(), isStreamed, async ({ server, client, call }) => {
        call.say("Hel");
        if (isStreamed) await client.until(/Hel/);
        leave(client);
        await call.aborted;
        await call.released;
        assert.is(await endOf(server), "client-left");
      }));

    leaving(`a model that cannot be stopped keeps nobody waiting when a client ${way} before ${what}`, () =>
      withAsked(createScriptedHost({ ignoresSignal: true }), isStreamed, async ({ server, client, call }) => {
        leave(client);
        await call.aborted;
        assert.is(await endOf(server), "client-left");
        // Its next part finds nobody, and ends it.
        call.say("Hello?");
        await call.released;
      }));

    leaving(`a model that cannot be stopped keeps nobody waiting when a client ${way} in the middle of ${what}`, () =>
      withAsked(createScriptedHost({ ignoresSignal: true }), isStreamed, async ({ server, client, call }) => {
        call.say("Hel");
        if (isStreamed) await client.until(/Hel/);
        leave(client);
        await call.aborted;
        assert.is(await endOf(server), "client-left");
        call.say("lo?");
        await call.released;
      }));
  }

  leaving(`a client that ${way} while it reads too slowly stops the model`, () =>
    withAsked(createScriptedHost(), true, async ({ server, client, call }) => {
      call.say("Hel");
      await client.until(/Hel/);
      client.socket.pause();
      // More than the system buffers on both sides, written in the turn that follows.
      call.say("x".repeat(20_000_000));
      await new Promise(setImmediate);
      call.say("never read");
      leave(client);
      await call.aborted;
      await call.released;
      assert.is(await endOf(server), "client-left");
    }));

  leaving(`a client that ${way} while it sends its request asks no model`, () =>
    withServer({}, async (server) => {
      const client = await connectRaw(server.port);
      const text = rawPost(ask());
      client.write(text.slice(0, -10));
      // Another request that is answered shows that the first has been read so far.
      await (await server.post(ask({ model: "echo" }))).text();
      await server.nextEnd();
      leave(client);
      assert.is(await endOf(server), "client-left");
      assert.is(server.host.callCount, 0);
    }));
}

leaving("echo stops in the middle of its delay", () =>
  withServer({ config: { models: [echo("slow", { firstTokenMs: 3_600_000 })] } }, async (server) => {
    const abort = new AbortController();
    const asked = server.post({ model: "slow", messages: [{ role: "user", content: "x" }] }, abort.signal).catch(() => {});
    // The model is being asked once a later request has been answered.
    await (await fetch(`${server.url}/v1/models`)).text();
    await server.nextEnd();
    abort.abort();
    assert.is(await endOf(server), "client-left");
    await asked;
  }));

leaving("one client's leaving touches no other's answer", () =>
  withServer({}, async (server) => {
    const [one, two] = [await connectRaw(server.port), await connectRaw(server.port)];
    one.write(rawPost(ask({ stream: true })));
    const first = await server.host.nextCall();
    two.write(rawPost(ask({ stream: true })));
    const second = await server.host.nextCall();
    one.leave();
    await first.aborted;
    second.say("still here");
    second.finish();
    await two.until(/\[DONE\]/);
    assert.not.ok(second.signal.aborted);
    two.leave();
  }));

leaving("a client that has its whole answer and goes has not left early", () =>
  withServer({}, async (server) => {
    const client = await connectRaw(server.port);
    client.write(rawPost(ask({ stream: true })));
    const call = await server.host.nextCall();
    call.say("all");
    call.finish();
    await client.until(/\[DONE\]/);
    client.leave();
    assert.is(await endOf(server), "complete");
    assert.not.ok(call.signal.aborted);
  }));

leaving.run();
