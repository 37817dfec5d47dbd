import { suite } from "uvu";
import * as assert from "uvu/assert";
import { abortSignalOf, StopController, whenAborted } from "../../src/chat/stop-signal.ts";

const cases = suite("chat/stop-signal");

cases("tells every listener once, with the first reason", () => {
  const stop = new StopController();
  const heard: unknown[] = [];
  whenAborted(stop, (reason) => heard.push(reason));
  whenAborted(stop, (reason) => heard.push(reason));
  stop.abort("left");
  stop.abort("late");
  assert.equal(heard, ["left", "left"]);
  assert.is(stop.reason, "left");
});

cases("tells who listens too late at once, and nobody who has stopped listening", () => {
  const stop = new StopController();
  const heard: string[] = [];
  const gone = (): void => void heard.push("gone");
  stop.addEventListener("abort", gone);
  stop.removeEventListener("abort", gone);
  stop.abort("left");
  whenAborted(stop, () => heard.push("late"));
  assert.equal(heard, ["late"]);
});

cases("is an AbortSignal for whoever needs a real one", () => {
  const stop = new StopController();
  const signal = abortSignalOf(stop);
  assert.not(signal.aborted);
  const reason = new Error("left");
  stop.abort(reason);
  assert.ok(signal.aborted);
  assert.is(signal.reason, reason);
  assert.is(abortSignalOf(stop).reason, reason);
});

cases.run();
