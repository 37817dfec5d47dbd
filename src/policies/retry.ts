import { untilAborted } from "../chat/call.ts";
import type { StopSignal } from "../chat/stop-signal.ts";
import { ProxyError } from "../errors.ts";
import type { Clock } from "../services.ts";
import { failureOf, type CallPolicy } from "./policy.ts";

export interface RetryOptions {
  /** For each model; 0 = none. SDKs try again too, and theirs multiply with these. */
  readonly maxRetries: number;
  /** Before the first retry; doubled before each further one. */
  readonly backoffMs: number;
  /** No wait is longer: a model that asks for more patience is not tried again. */
  readonly maxBackoffMs: number;
}

/**
 * Asks once more where that may help and no part of an answer has come: after a network failure, 408, 5xx, an empty answer,
 * and a 429 that says how long to wait. The wait is as long as the model asks for, or half of the backoff and a random part
 * of the other half, so that many clients do not come back at once. Throws the last failure.
 */
export const retry = (options: RetryOptions, clock: Clock, random: () => number = Math.random): CallPolicy => (ask) => {
  if (options.maxRetries === 0) return ask;
  return async (request, context) => {
    for (let retries = 0; ; retries += 1) {
      try {
        return await ask(request, context);
      } catch (thrown) {
        const waitMs = retries < options.maxRetries && !context.signal.aborted ? waitAfter(thrown, retries, options, random) : undefined;
        if (waitMs === undefined) throw thrown;
        context.story.retried(thrown, waitMs);
        await pause(waitMs, clock, context.signal);
      }
    }
  };
};

/** Milliseconds until the next try; absent where none is worth it. */
const waitAfter = (thrown: unknown, retries: number, { backoffMs, maxBackoffMs }: RetryOptions, random: () => number): number | undefined => {
  const { retryAfterMs, isRetryable } = thrown instanceof ProxyError ? thrown : {};
  if (isRetryable === false || !mayPass(thrown, retryAfterMs)) return undefined;
  if ((retryAfterMs ?? 0) > maxBackoffMs) return undefined;
  const backoff = Math.min(maxBackoffMs, backoffMs * 2 ** retries);
  return Math.max(retryAfterMs ?? 0, backoff * (0.5 + random() / 2));
};

/** A first token that did not come in time is waited for long enough once; a 429 without a wait would be met by another. */
const mayPass = (thrown: unknown, retryAfterMs: number | undefined): boolean => {
  const failure = failureOf(thrown);
  if (failure === 429) return retryAfterMs !== undefined;
  return failure === "network" || failure === 408 || (typeof failure === "number" && failure >= 500);
};

const pause = async (ms: number, clock: Clock, signal: StopSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await untilAborted(promise, signal, clock.after(ms, resolve));
};
