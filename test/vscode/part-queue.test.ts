import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StreamPart } from "../../src/chat/part.ts";
import { createPartQueue } from "../../src/vscode/part-queue.ts";

const part = (text: string): StreamPart => ({ type: "text-delta", text });
const setUp = (maxBytes = 1_000_000) => createPartQueue({ maxBytes, onOverflow: () => new Error("too much") });

const queue = suite("vscode/part-queue");

queue("gives what waits before the end, and before the error", async () => {
  const ended = setUp();
  ended.push([part("a")]);
  ended.push([part("b")]);
  ended.end();
  assert.equal(await ended.take(), [part("a"), part("b")]);
  assert.is(await ended.take(), undefined);
  assert.is(await ended.take(), undefined);

  const failed = setUp();
  failed.push([part("a")]);
  failed.fail(new Error("broken"));
  assert.equal(await failed.take(), [part("a")]);
  assert.is(await failed.take().catch((error: Error) => error.message), "broken");
});

queue("drops what waits when nobody wants it any more, and takes nothing from then on", async () => {
  const closed = setUp();
  closed.push([part("a")]);
  closed.close();
  closed.push([part("b")]);
  assert.is(await closed.take(), undefined);
});

queue("lets go of a reader that waits", async () => {
  const closed = setUp();
  const taken = closed.take();
  closed.close();
  assert.is(await taken, undefined);
});

queue("counts characters and parts, and starts anew with each batch that is taken", async () => {
  const small = setUp(1000);
  small.push([part("x".repeat(400))]);
  assert.is((await small.take())?.length, 1);
  small.push([part("x".repeat(400))]);
  assert.is((await small.take())?.length, 1);
  for (let index = 0; index < 11; index += 1) small.push([{ type: "tool-call-end", id: "1" }]);
  assert.is(await small.take().catch((error: Error) => error.message), "too much");
});

queue.run();
