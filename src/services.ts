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
  /** Counts the tokens of a text for upstreams that do not. Default: with the tokenizer that comes along. */
  readonly countTokens?: (text: string) => Promise<number>;
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
  readonly limits: LimitStore;
  readonly bodies: BodyRoom;
}

/** Room in memory for request bodies that are being received, shared by all of a proxy's listeners. */
export interface BodyRoom {
  /**
   * @param mostBytes what this body may have at most
   * @param makeWay is called once where this body has to go, being the largest: its room has been given to others
   */
  enter(mostBytes: number, makeWay: (roomBytes: number) => void): BodyPlace;
}

export interface BodyPlace {
  /** So many bytes more have come. */
  grow(bytes: number): void;
  /** It has come whole, or will not. */
  leave(): void;
}

/**
 * Counts what may be used within a time. Asynchronous, although memory answers at once, so that one shared by several
 * processes can take its place.
 */
export interface LimitStore {
  /**
   * From now on limits are as large as this: who has used up half of what there was has half of what there is. Nothing else
   * changes a size, so that a request that began before is charged as much as it used.
   */
  resize(limits: readonly LimitSize[]): void | Promise<void>;
  /** Takes what every demand asks for or, where one of them has to wait, nothing at all. */
  take(demands: readonly Demand[]): Verdict | Promise<Verdict>;
  /** Takes `amount` more of each, below zero too: what a request has used is known when it is over. */
  charge(demands: readonly Demand[], amount: number): void | Promise<void>;
  /** How things stand with each demand; takes nothing. */
  look(demands: readonly Demand[]): readonly Standing[] | Promise<readonly Standing[]>;
  /** Gives back what is held while a request runs; once for each `take` that was admitted. */
  release(demands: readonly Demand[]): void | Promise<void>;
}

/** A text that outlives the process: a file, or the editor's own memory. */
export interface KeptText {
  /** What was written last; absent = nothing yet. */
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

/** One limit, as a configuration has it. */
export interface LimitSize {
  /** The limit, such as `route main requestsPerMinute`. All of its buckets are alike. */
  readonly limit: string;
  /** How much there is at most; at least 1. */
  readonly size: number;
  /** In which time all of it comes back, evenly. Absent = what is taken is held until it is released. */
  readonly periodMs?: number;
}

/** What one request asks of one limit. */
export interface Demand extends LimitSize {
  /** Whose bucket: an address, the name of a key. Never empty. */
  readonly subject: string;
  /** What is taken at once. 0 = only that something is left. */
  readonly cost: number;
}

export interface Verdict {
  readonly isAdmitted: boolean;
  /** One for each demand, in their order: after what was taken, or as it was found. */
  readonly standings: readonly Standing[];
}

/** How things stand with one limit. */
export interface Standing {
  readonly demand: Demand;
  /** Whole ones that are left; never negative. */
  readonly remaining: number;
  /** Until all of it is there again. */
  readonly resetMs: number;
  /** After which wait the same demand would pass; 0 = it passes now. */
  readonly waitMs: number;
}

/** Which targets keep failing, by `vendor/id`. */
export interface Breaker {
  /** Whether to leave the target alone for now. Answers false once in a while, to whoever is to try it again. */
  isOpen(target: string): boolean;
  /** Whether it is left alone now, for whoever only wants to know. */
  isFailing(target: string): boolean;
  succeeded(target: string): void;
  /** Answers true where the target is left alone from now on. */
  failed(target: string): boolean;
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
