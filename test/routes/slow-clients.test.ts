import { suite } from "uvu";
import * as assert from "uvu/assert";
import { echo, routeOf } from "../support/config.ts";
import { createHandClock } from "../support/hand-clock.ts";
import { connectRaw, rawPost, statusesIn } from "../support/raw-client.ts";
import { errorOf } from "../support/read.ts";
import { ask, createTestApp } from "../support/test-app.ts";
import { withServer } from "../support/test-server.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("routes/slow-clients");

cases("a body that is not complete within a minute is a 408 that closes the connection", async () => {
  const { fetch: send, services } = createTestApp();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      if (sent < 5) controller.enqueue(new TextEncoder().encode(" "));
    },
  });
  const answer = send(new Request("http://localhost/v1/chat/completions", { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" }));
  await nextTurn();
  services.clock.advance(59_999);
  await nextTurn();
  assert.is(services.lines.length, 0);
  services.clock.advance(1);
  const response = await answer;
  assert.is(response.status, 408);
  assert.is(response.headers.get("connection"), "close");
  const error = await errorOf(response);
  assert.equal([error.type, error.code, error.message], ["timeout_error", "timeout", "The request body was not complete within 1m. Send it in one go."]);
});

cases("a body that trickles over a socket holds its place for a minute and no longer", async () => {
  const clock = createHandClock();
  await withServer({ clock }, async ({ port, services }) => {
    const client = await connectRaw(port);
    client.write("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n");
    while (clock.waiting === 0) await nextTurn();
    clock.advance(60_000);
    assert.equal(statusesIn(await client.closed()), [408]);
    assert.is(clock.waiting, 0);
    const requests = services.lines.filter(({ event }) => event === "request");
    assert.equal(requests.map(({ fields }) => fields["status"]), [408]);
  });
});

cases("a body that comes in time leaves no timer behind", async () => {
  const app = createTestApp({ config: { routes: [routeOf({ timeout: { firstToken: { ms: 0 }, idle: { ms: 0 }, total: { ms: 0 } }, keepAliveMs: 0 })] } });
  assert.is((await app.post(ask({ model: "echo" }))).status, 200);
  assert.is(app.services.clock.waiting, 0);
});

// More than the buffers of the system take on both sides of a socket.
const large = { parts: 2000, partBytes: 10_000 };

for (const stream of [false, true]) {
  cases(`${stream ? "a stream" : "an answer"} that its client does not read is let go of, and so is all that it held`, async () => {
    const clock = createHandClock();
    const timeout = { firstToken: { ms: 0 }, idle: { ms: 0 }, total: { ms: 30_000 } };
    const config = { models: [echo("large", large), echo("echo")], routes: [routeOf({ timeout, keepAliveMs: 0, rateLimit: { per: "route", maxParallelRequests: 1 } as const })] };
    await withServer({ clock, config }, async ({ port, post, nextEnd }) => {
      const client = await connectRaw(port);
      client.socket.pause();
      client.write(rawPost(ask({ model: "large", stream })));
      // Seven parts a turn: long before this the answer is complete, and the stream has filled every buffer.
      for (let turns = 0; turns < 2000; turns += 1) await nextTurn();
      assert.is((await post(ask({ model: "echo" }))).status, 429);
      clock.advance(30_000);
      await nextTurn();
      clock.advance(60_000);
      await nextEnd();
      await nextEnd();
      assert.is((await post(ask({ model: "echo" }))).status, 200);
      client.leave();
    });
  });
}

cases.run();
