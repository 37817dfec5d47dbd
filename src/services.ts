import type { Connections } from "./models/openai-upstream/connections.ts";

/**
 * What is shared by everything that runs and outlives a reload: a new configuration gets the same log, clock and, in
 * time, the same balances and connections, so that saving a file forgives nobody and cuts nothing.
 */
export interface Services {
  readonly log: Log;
  readonly clock: Clock;
  /** To upstreams; they stay open when a configuration is replaced. */
  readonly connections: Connections;
  /** A new id for a request, unique in this process's life. */
  readonly newId: () => string;
  /** Version of this product, as its package says. */
  readonly version: string;
}

/** Structured: an event in a few words, its facts as fields. Never prompts, answers, tool arguments or keys. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What one proxy's policies remember from one request to the next. It outlives every configuration of the proxy. */
export interface PolicyMemory {
  readonly breaker: Breaker;
}

/** Which targets keep failing, by `vendor/id`. */
export interface Breaker {
  /** Whether to leave the target alone for now. Answers false once in a while, to whoever is to try it again. */
  isOpen(target: string): boolean;
  succeeded(target: string): void;
  failed(target: string): void;
}

/** Time, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that is never set back. */
  monotonic(): number;
  /** Calls back once after `ms`; the answer takes it back. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    // A longer wait would overflow Node's timer, which then fires at once: it is made of several.
    if (ms > longestTimerMs) return afterLongWait(ms, callback);
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const longestTimerMs = 2 ** 31 - 1;

const afterLongWait = (ms: number, callback: () => void): (() => void) => {
  let cancel = systemClock.after(longestTimerMs, () => {
    cancel = systemClock.after(ms - longestTimerMs, callback);
  });
  return () => cancel();
};
