import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createBreaker } from "../../src/policies/breaker.ts";
import type { Breaker } from "../../src/services.ts";
import { createHandClock } from "../support/hand-clock.ts";

const cases = suite("policies/breaker");

const failTimes = (breaker: Breaker, name: string, times: number): void => {
  for (let failures = 0; failures < times; failures += 1) breaker.failed(name);
};

cases("opens at the fifth failure in a row, for that target only", () => {
  const breaker = createBreaker(createHandClock());
  failTimes(breaker, "a/x", 4);
  assert.is(breaker.isOpen("a/x"), false);
  assert.is(breaker.failed("a/x"), true);
  assert.is(breaker.isOpen("a/x"), true);
  assert.is(breaker.isOpen("a/y"), false);
  assert.is(breaker.failed("a/y"), false);
});

cases("who only wants to know takes nobody's turn to try again", () => {
  const clock = createHandClock();
  const breaker = createBreaker(clock);
  failTimes(breaker, "a/x", 5);
  assert.equal([breaker.isFailing("a/x"), breaker.isFailing("a/y")], [true, false]);
  clock.advance(30_000);
  assert.equal([breaker.isFailing("a/x"), breaker.isFailing("a/x"), breaker.isOpen("a/x")], [false, false, false]);
  assert.is(breaker.isFailing("a/x"), true);
});

cases("an answer in between counts from the start again", () => {
  const breaker = createBreaker(createHandClock());
  failTimes(breaker, "a/x", 4);
  breaker.succeeded("a/x");
  failTimes(breaker, "a/x", 4);
  assert.is(breaker.isOpen("a/x"), false);
});

cases("lets one request try after 30 seconds, and the next after another 30", () => {
  const clock = createHandClock();
  const breaker = createBreaker(clock);
  failTimes(breaker, "a/x", 5);
  clock.advance(29_999);
  assert.is(breaker.isOpen("a/x"), true);
  clock.advance(1);
  assert.is(breaker.isOpen("a/x"), false);
  assert.is(breaker.isOpen("a/x"), true);
  clock.advance(30_000);
  assert.is(breaker.isOpen("a/x"), false);
});

cases("one failed try keeps it open, one answer closes it", () => {
  const clock = createHandClock();
  const breaker = createBreaker(clock);
  failTimes(breaker, "a/x", 5);
  clock.advance(30_000);
  breaker.isOpen("a/x");
  breaker.failed("a/x");
  clock.advance(29_999);
  assert.is(breaker.isOpen("a/x"), true);
  clock.advance(1);
  breaker.isOpen("a/x");
  breaker.succeeded("a/x");
  assert.is(breaker.isOpen("a/x"), false);
  failTimes(breaker, "a/x", 4);
  assert.is(breaker.isOpen("a/x"), false);
});

cases("remembers a thousand names at most, the latest ones", () => {
  const breaker = createBreaker(createHandClock());
  failTimes(breaker, "a/first", 5);
  failTimes(breaker, "a/second", 5);
  for (let count = 0; count < 999; count += 1) breaker.failed(`made/up-${count}`);
  assert.is(breaker.isOpen("a/first"), false);
  assert.is(breaker.isOpen("a/second"), true);
});

cases.run();
