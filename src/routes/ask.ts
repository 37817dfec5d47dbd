import type { Ask } from "../chat/call.ts";
import { emulate } from "../emulation/emulate.ts";
import { ProxyError, type FailureKind } from "../errors.ts";
import type { Candidate } from "../models/catalog.ts";
import { fallback, type FallbackTarget } from "../policies/fallback.ts";
import { failureOf, type Exchange } from "../policies/policy.ts";
import { retry, type RetryOptions } from "../policies/retry.ts";
import { firstToken, type TimeoutOptions } from "../policies/timeout.ts";
import type { PolicyMemory, Services } from "../services.ts";

export interface AskOptions {
  readonly timeout: Pick<TimeoutOptions, "firstToken">;
  readonly retry: RetryOptions;
  /** The kinds of failure after which the next candidate is asked. */
  readonly fallbackOn: readonly FailureKind[];
  readonly memory: Pick<PolicyMemory, "breaker">;
  readonly services: Services;
}

/**
 * The models that an alias stands for as one question: each with its limit on the first token, and again after a failure
 * that may pass, then the next. The exchange's record says who was asked last and how often; the log has each failure.
 */
export const joinCandidates = (candidates: readonly Candidate[], options: AskOptions, exchange: Exchange): Ask => {
  const { memory, services } = options;
  const { clock } = services;
  const limited = firstToken(options.timeout.firstToken, clock);
  const story = createStory(exchange, services);
  const targets = candidates.map(({ model }): FallbackTarget => {
    const name = `${model.vendor}/${model.id}`;
    const attempt = limited(emulate(model, services), name);
    const recorded: Ask = (request, context) => {
      exchange.record.model = name;
      exchange.record.attempts = (exchange.record.attempts ?? 0) + 1;
      return attempt(request, context);
    };
    return { name, ask: retry(options.retry, clock, story.retried)(recorded) };
  });
  return fallback(targets, options.fallbackOn, memory.breaker, story);
};

/** Tells the log of each failure that the client does not get to see. */
const createStory = ({ id, record }: Exchange, { log }: Services) => {
  const tell = (thrown: unknown, next: string): void =>
    log.warn("attempt failed", { id, alias: record.alias, model: record.model, attempt: record.attempts, failure: failureOf(thrown), error: wordsOf(thrown), next });
  return {
    retried(thrown: unknown, waitMs: number): void {
      record.retries = (record.retries ?? 0) + 1;
      tell(thrown, `again in ${Math.round(waitMs)} ms`);
    },
    fellBack(thrown: unknown, to: FallbackTarget): void {
      (record.fallbacks ??= []).push(failureOf(thrown) ?? 500);
      tell(thrown, to.name);
    },
    leftAlone: ({ name }: FallbackTarget): void => log.warn("model keeps failing", { id, model: name, next: "asked after the others for 30 s" }),
  };
};

/** In our own words, where they are: a server's may quote the prompt, which has no place in the log. */
const wordsOf = (thrown: unknown): string | undefined => {
  if (thrown instanceof ProxyError) return thrown.failure === undefined ? thrown.code ?? thrown.type : thrown.message;
  return thrown instanceof Error ? thrown.name : typeof thrown;
};
