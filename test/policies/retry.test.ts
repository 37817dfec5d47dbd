import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EmptyAnswerError, type Ask, type AskStory, type BegunAnswer } from "../../src/chat/call.ts";
import type { ChatRequest } from "../../src/chat/request.ts";
import { contentFiltered, modelFailed, modelQuotaExceeded, modelUnreachable, ProxyError, timedOut } from "../../src/errors.ts";
import { retry, type RetryOptions } from "../../src/policies/retry.ts";
import { createHandClock, type HandClock } from "../support/hand-clock.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("policies/retry");

const options: RetryOptions = { maxRetries: 2, backoffMs: 250, maxBackoffMs: 5000 };
const begun: BegunAnswer = { first: [{ type: "text-delta", text: "Hi" }], rest: (async function* () {})() };
const limited = (retryAfterMs?: number): ProxyError =>
  new ProxyError({ status: 429, type: "rate_limit_error", code: null, message: "Slow down.", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

interface Run {
  readonly outcome: Promise<unknown>;
  readonly clock: HandClock;
  readonly waits: readonly number[];
  readonly calls: () => number;
  readonly abort: AbortController;
}

/** Asks a model that throws these one after the other and then answers. */
const run = (failures: readonly Error[], changes: Partial<RetryOptions> = {}, random = () => 1): Run => {
  const clock = createHandClock();
  const abort = new AbortController();
  const waits: number[] = [];
  let calls = 0;
  const ask: Ask = async () => {
    const failure = failures[calls++];
    if (failure !== undefined) throw failure;
    return begun;
  };
  const policy = retry({ ...options, ...changes }, clock, random);
  const story: AskStory = { asked() {}, retried: (_failure, waitMs) => void waits.push(waitMs), fellBack() {}, leftAlone() {} };
  const outcome = policy(ask)({} as ChatRequest, { signal: abort.signal, story }).catch((thrown: unknown) => thrown);
  return { outcome, clock, waits, calls: () => calls, abort };
};

const retried: Readonly<Record<string, Error>> = {
  "a connection that is refused": modelUnreachable("The upstream is down."),
  "a 408": modelFailed("Too slow.", 408),
  "a 500": modelFailed("Broken.", 500),
  "a 503": modelFailed("Busy.", 503),
  "a 429 that says for how long": limited(100),
  "an answer without a part": new EmptyAnswerError(),
  "what a host did not foresee": new TypeError("x is not a function"),
};

for (const [name, failure] of Object.entries(retried)) {
  cases(`asks again after ${name}`, async () => {
    const { outcome, clock, calls } = run([failure]);
    await nextTurn();
    clock.advance(250);
    assert.is(await outcome, begun);
    assert.is(calls(), 2);
    assert.is(clock.waiting, 0);
  });
}

const final: Readonly<Record<string, Error>> = {
  "a request that is wrong": modelFailed("No such field.", 400),
  "a model that filters the answer": contentFiltered("copilot/gpt-4o"),
  "a key that the upstream does not know": modelFailed("Wrong key.", 401),
  "consent refused": modelFailed("No.", 403),
  "a quota that is used up": modelQuotaExceeded("copilot/gpt-4o"),
  "a model that is gone": modelFailed("Gone.", 404),
  "a 429 that does not say for how long": limited(),
  "a 429 that asks for more patience than maxBackoff": limited(5001),
  "a first token that did not come in time": timedOut("firstToken", { ms: 1000 }, "echo/echo"),
  "what says that it cannot help": new ProxyError({ status: 503, type: "server_error", code: null, message: "Never.", isRetryable: false }),
};

for (const [name, failure] of Object.entries(final)) {
  cases(`does not ask again after ${name}`, async () => {
    const { outcome, calls } = run([failure]);
    assert.is(await outcome, failure);
    assert.is(calls(), 1);
  });
}

cases("gives up after maxRetries with the last failure", async () => {
  const failures = [500, 501, 502, 503].map((status) => modelFailed("Broken.", status));
  const { outcome, clock, calls } = run(failures);
  for (let turn = 0; turn < 3; turn += 1) {
    await nextTurn();
    clock.advance(10_000);
  }
  assert.is(await outcome, failures[2]);
  assert.is(calls(), 3);
});

cases("0 retries asks once", async () => {
  const { outcome, calls } = run([modelFailed("Broken.", 500)], { maxRetries: 0 });
  assert.instance(await outcome, ProxyError);
  assert.is(calls(), 1);
});

cases("waits as long as the model asks for, and no shorter than the backoff", async () => {
  const { clock, calls, outcome } = run([limited(4000), limited(1)]);
  await nextTurn();
  clock.advance(3999);
  await nextTurn();
  assert.is(calls(), 1);
  clock.advance(1);
  await nextTurn();
  assert.is(calls(), 2);
  clock.advance(499);
  await nextTurn();
  assert.is(calls(), 2);
  clock.advance(1);
  assert.is(await outcome, begun);
});

cases("lies between half the backoff and all of it, doubles, and never exceeds maxBackoff", async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), async (backoffMs, maxBackoffMs, chance) => {
    const { clock, waits, outcome } = run([500, 500, 500, 500].map((status) => modelFailed("Broken.", status)), { maxRetries: 4, backoffMs, maxBackoffMs }, () => chance);
    for (let turn = 0; turn < 4; turn += 1) {
      await nextTurn();
      clock.advance(10_000);
    }
    await outcome;
    for (const [retries, wait] of waits.entries()) {
      const whole = Math.min(maxBackoffMs, backoffMs * 2 ** retries);
      assert.ok(wait >= whole / 2 && wait <= whole, `${wait} of ${whole}`);
    }
    assert.is(waits.length, 4);
  }), { numRuns: 30 });
});

cases("stops waiting the moment the client leaves, and asks no more", async () => {
  const { outcome, abort, calls, clock } = run([modelFailed("Broken.", 500)]);
  await nextTurn();
  const reason = new Error("gone");
  abort.abort(reason);
  assert.is(await outcome, reason);
  assert.is(calls(), 1);
  assert.is(clock.waiting, 0);
});

cases.run();
