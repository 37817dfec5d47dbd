import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createLineWriter, type LineWriter } from "../../src/cli/line-writer.ts";
import { createHandClock, type HandClock } from "../support/hand-clock.ts";

const lineWriter = suite("cli/line-writer");

const setUp = (): { lines: LineWriter; writes: string[]; clock: HandClock } => {
  const clock = createHandClock();
  const writes: string[] = [];
  return { lines: createLineWriter((text) => void writes.push(text), clock), writes, clock };
};

lineWriter("lines of one moment are one write, in their order", () => {
  const { lines, writes, clock } = setUp();
  for (const line of ["one", "two", "three"]) lines.add(() => line);
  assert.equal(writes, []);
  clock.advance(50);
  assert.equal(writes, ["one\ntwo\nthree\n"]);
});

lineWriter("a line waits no longer because others follow it", () => {
  const { lines, writes, clock } = setUp();
  lines.add(() => "one");
  clock.advance(49);
  lines.add(() => "two");
  clock.advance(1);
  assert.equal(writes, ["one\ntwo\n"]);
});

lineWriter("what comes after a write is written too", () => {
  const { lines, writes, clock } = setUp();
  lines.add(() => "one");
  clock.advance(50);
  lines.add(() => "two");
  clock.advance(50);
  assert.equal(writes, ["one\n", "two\n"]);
});

lineWriter("a flush writes at once, and leaves no timer behind", () => {
  const { lines, writes, clock } = setUp();
  lines.add(() => "one");
  lines.flush();
  assert.equal(writes, ["one\n"]);
  assert.is(clock.waiting, 0);
});

lineWriter("a flush with nothing to write writes nothing", () => {
  const { lines, writes } = setUp();
  lines.flush();
  assert.equal(writes, []);
});

lineWriter("much that waits is written before its time", () => {
  const { lines, writes, clock } = setUp();
  for (let line = 0; line < 1000; line += 1) lines.add(() => "x".repeat(100));
  assert.is(writes.length, 3);
  clock.advance(50);
  assert.is(writes.join("").length, 101_000);
});

lineWriter.run();
