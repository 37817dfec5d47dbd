import { suite } from "uvu";
import * as assert from "uvu/assert";
import { afterQuiet } from "../src/quiet.ts";
import { createHandClock } from "./support/hand-clock.ts";

const setUp = () => {
  const clock = createHandClock();
  const seen = { count: 0 };
  return { clock, seen, quiet: afterQuiet(clock, { quietMs: 200, mostMs: 1000 }, () => void (seen.count += 1)) };
};

const quiet = suite("quiet");

quiet("takes twenty touches in a row for one, once all is quiet", () => {
  const { clock, seen, quiet: after } = setUp();
  for (let index = 0; index < 20; index += 1) {
    after.touch();
    clock.advance(40);
  }
  assert.is(seen.count, 0);
  clock.advance(159);
  assert.is(seen.count, 0);
  clock.advance(1);
  assert.is(seen.count, 1);
  clock.advance(1000);
  assert.is(seen.count, 1);
});

quiet("does not wait for ever where it is never quiet, and begins anew after each time", () => {
  const { clock, seen, quiet: after } = setUp();
  for (let ms = 0; ms < 10_000; ms += 10) {
    after.touch();
    clock.advance(10);
  }
  assert.is(seen.count, 10);
  clock.advance(1000);
  assert.equal([seen.count, clock.waiting], [10, 0]);
  after.touch();
  clock.advance(199);
  assert.is(seen.count, 10);
  clock.advance(1);
  assert.is(seen.count, 11);
});

quiet("asks for no time that has passed, where a busy process comes late to its timers", () => {
  const waits: number[] = [];
  let now = 0;
  const late = { ...createHandClock(), monotonic: () => now, after: (ms: number) => (waits.push(ms), () => {}) };
  const after = afterQuiet(late, { quietMs: 200, mostMs: 1000 }, () => {});
  for (now of [0, 900, 5000]) after.touch();
  assert.equal(waits, [200, 100, 0]);
});

quiet("forgets a touch when it is stopped", () => {
  const { clock, seen, quiet: after } = setUp();
  after.touch();
  after.stop();
  clock.advance(1000);
  assert.equal([seen.count, clock.waiting], [0, 0]);
});

quiet.run();
