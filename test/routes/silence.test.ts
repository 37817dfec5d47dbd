import { suite } from "uvu";
import * as assert from "uvu/assert";
import { modelFailed } from "../../src/errors.ts";
import { watchSilence } from "../../src/routes/silence.ts";
import { createHandClock } from "../support/hand-clock.ts";
import { eventsIn, readPieces, streamedText } from "../support/read.ts";
import { ask, createTestApp } from "../support/test-app.ts";

const keepAlive = ": keep-alive\n\n";
const stream = ask({ stream: true });

const silence = suite("routes/silence");

silence("sends nothing for 15 s, then a 200 and a comment, and goes on doing so", async () => {
  const app = createTestApp();
  let status: number | undefined;
  const pending = app.post(stream).then((answer) => {
    ({ status } = answer);
    return answer;
  });
  const call = await app.host.nextCall();
  app.services.clock.advance(14_999);
  await new Promise(setImmediate);
  assert.is(status, undefined, "a status was sent before anything was known");
  app.services.clock.advance(1);
  const pieces = readPieces(await pending);
  assert.is(status, 200);
  assert.is(await pieces.next(), keepAlive);
  app.services.clock.advance(15_000);
  assert.is(await pieces.next(), keepAlive);
  call.say("At last");
  assert.is(streamedText(await pieces.next() ?? ""), "At last");
  call.finish();
  assert.is(eventsIn(await pieces.next() ?? "").at(-1), "[DONE]");
});

silence("counts from the last part, not from the start", async () => {
  const app = createTestApp();
  const pending = app.post(stream);
  const call = await app.host.nextCall();
  app.services.clock.advance(10_000);
  call.say("one");
  const pieces = readPieces(await pending);
  await pieces.next();
  app.services.clock.advance(14_999);
  call.say("two");
  assert.is(streamedText(await pieces.next() ?? ""), "two");
  app.services.clock.advance(14_999);
  call.say("three");
  assert.is(streamedText(await pieces.next() ?? ""), "three");
  app.services.clock.advance(15_000);
  assert.is(await pieces.next(), keepAlive);
  await pieces.cancel();
});

silence("a failure after a comment is told inside the stream, without a clean end", async () => {
  const app = createTestApp();
  const pending = app.post(stream);
  const call = await app.host.nextCall();
  app.services.clock.advance(15_000);
  const answer = await pending;
  call.fail(modelFailed("Too late.", 429));
  const text = await answer.text();
  assert.ok(text.startsWith(keepAlive));
  assert.equal(eventsIn(text), ['{"error":{"message":"Too late.","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}']);
});

silence("a whole answer is never interrupted by comments", async () => {
  const app = createTestApp();
  const pending = app.post(ask());
  const call = await app.host.nextCall();
  app.services.clock.advance(60_000);
  call.finish();
  assert.not.match(await (await pending).text(), "keep-alive");
});

silence("leaves no timer behind, however a stream ends", async () => {
  for (const ending of ["finish", "end", "leave", "leave before"] as const) {
    const app = createTestApp();
    const abort = new AbortController();
    const pending = app.post(stream, { signal: abort.signal });
    const call = await app.host.nextCall();
    if (ending === "leave before") {
      abort.abort();
      await pending.catch(() => {});
    } else {
      call.say("one");
      const answer = await pending;
      if (ending === "leave") abort.abort();
      else call[ending]();
      await answer.text().catch(() => {});
    }
    await call.released;
    await new Promise(setImmediate);
    assert.is(app.services.clock.waiting, 0, ending);
  }
});

silence("0 means never", () => {
  const clock = createHandClock();
  watchSilence(clock, 0, () => assert.unreachable("it spoke"));
  clock.advance(1_000_000);
  assert.is(clock.waiting, 0);
});

silence.run();
