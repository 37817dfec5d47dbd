import type { Ask } from "../chat/call.ts";
import type { FailureKind } from "../errors.ts";
import type { Breaker } from "../services.ts";
import { failureOf } from "./policy.ts";

/** One of the models that an alias stands for. */
export interface FallbackTarget {
  /** `vendor/id`. */
  readonly name: string;
  readonly ask: Ask;
}

/**
 * Asks one target after the other until an answer has begun. Goes on after the kinds of failure in `on` only: what is wrong
 * with the request would be wrong everywhere. A target that keeps failing is asked after all others.
 * Throws the failure of the target that was asked last.
 */
export const fallback = (targets: readonly FallbackTarget[], on: readonly FailureKind[], breaker: Breaker): Ask => {
  const [only, second] = targets;
  // Most aliases have one target: nobody stands behind it, and nobody has to stand around it.
  if (only !== undefined && second === undefined) return only.ask;
  return async (request, context) => {
    const line = inOrder(targets, breaker);
    let next = line.next();
    for (;;) {
      const target = next.value;
      if (target === undefined) throw new Error("An alias has no target, which its configuration does not allow.");
      try {
        const begun = await target.ask(request, context);
        breaker.succeeded(target.name);
        return begun;
      } catch (thrown) {
        // Its time is over or the client has left, which is nobody's failure.
        if (context.signal.aborted || !isAmong(on, thrown)) throw thrown;
        if (breaker.failed(target.name)) context.story.leftAlone(target.name);
        next = line.next();
        if (next.done === true) throw thrown;
        context.story.fellBack(thrown, next.value.name);
      }
    }
  };
};

/** Those that can be expected to answer, each looked at when its turn has come; then the others, the last resort. */
function* inOrder(targets: readonly FallbackTarget[], breaker: Breaker): Generator<FallbackTarget, undefined> {
  const failing: FallbackTarget[] = [];
  for (const target of targets) {
    if (breaker.isOpen(target.name)) failing.push(target);
    else yield target;
  }
  yield* failing;
}

const isAmong = (kinds: readonly FailureKind[], thrown: unknown): boolean => {
  const failure = failureOf(thrown);
  if (failure === undefined) return false;
  return kinds.includes(failure) || (typeof failure === "number" && failure >= 500 && kinds.includes("5xx"));
};
