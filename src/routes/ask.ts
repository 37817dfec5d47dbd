import type { Ask, AskStory } from "../chat/call.ts";
import { emulate } from "../emulation/emulate.ts";
import { ProxyError, type FailureKind } from "../errors.ts";
import type { Candidate } from "../models/catalog.ts";
import type { Model } from "../models/host.ts";
import { fallback, type FallbackTarget } from "../policies/fallback.ts";
import { failureOf, type Exchange } from "../policies/policy.ts";
import { retry, type RetryOptions } from "../policies/retry.ts";
import { firstToken, type TimeoutOptions } from "../policies/timeout.ts";
import type { Log, PolicyMemory, Services } from "../services.ts";

export interface AskOptions {
  readonly timeout: Pick<TimeoutOptions, "firstToken">;
  readonly retry: RetryOptions;
  readonly memory: Pick<PolicyMemory, "breaker">;
  readonly services: Services;
}

/** The models that an alias stands for as one question. @param fallbackOn the kinds of failure after which the next one is asked */
export type JoinCandidates = (candidates: readonly Candidate[], fallbackOn: readonly FailureKind[]) => Ask;

/**
 * Each model with its limit on the first token, and again after a failure that may pass, then the next. What stands around a
 * model is made once, and not for each request.
 */
export const createJoin = (options: AskOptions): JoinCandidates => {
  const { memory, services } = options;
  const limited = firstToken(options.timeout.firstToken, services.clock);
  const again = retry(options.retry, services.clock);
  const targets = new WeakMap<Model, FallbackTarget>();
  const createTarget = (model: Model): FallbackTarget => {
    const name = `${model.vendor}/${model.id}`;
    const attempt = limited(emulate(model, services), name);
    const told: Ask = (request, context) => {
      context.story.asked(name);
      return attempt(request, context);
    };
    return { name, ask: again(told) };
  };
  const targetOf = (model: Model): FallbackTarget => {
    const target = targets.get(model) ?? createTarget(model);
    targets.set(model, target);
    return target;
  };
  return (candidates, fallbackOn) => fallback(candidates.map(({ model }) => targetOf(model)), fallbackOn, memory.breaker);
};

/** Notes in the exchange's record who is asked and how often, and tells the log of each failure that the client does not get to see. */
export class ExchangeStory implements AskStory {
  readonly #exchange: Exchange;
  readonly #log: Log;

  constructor(exchange: Exchange, log: Log) {
    this.#exchange = exchange;
    this.#log = log;
  }

  asked(model: string): void {
    const { record } = this.#exchange;
    record.model = model;
    record.attempts = (record.attempts ?? 0) + 1;
  }

  retried(failure: unknown, waitMs: number): void {
    const { record } = this.#exchange;
    record.retries = (record.retries ?? 0) + 1;
    this.#tell(failure, `again in ${Math.round(waitMs)} ms`);
  }

  fellBack(failure: unknown, next: string): void {
    (this.#exchange.record.fallbacks ??= []).push(failureOf(failure) ?? 500);
    this.#tell(failure, next);
  }

  leftAlone(model: string): void {
    this.#log.warn("model keeps failing", { id: this.#exchange.id, model, next: "asked after the others for 30 s" });
  }

  #tell(failure: unknown, next: string): void {
    const { id, record } = this.#exchange;
    this.#log.warn("attempt failed", { id, alias: record.alias, model: record.model, attempt: record.attempts, failure: failureOf(failure), error: wordsOf(failure), next });
  }
}

/** In our own words, where they are: a server's may quote the prompt, which has no place in the log. */
const wordsOf = (thrown: unknown): string | undefined => {
  if (thrown instanceof ProxyError) return thrown.failure === undefined ? thrown.code ?? thrown.type : thrown.message;
  return thrown instanceof Error ? thrown.name : typeof thrown;
};
