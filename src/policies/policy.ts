import { EmptyAnswerError, type Ask } from "../chat/call.ts";
import { ProxyError, type Failure } from "../errors.ts";
import type { BodyRoom } from "../services.ts";

/**
 * One request as policies see it, through whichever door it came: h3 or a WebSocket upgrade. Policies are functions of
 * this and of their options, so that no door can forget one.
 */
export interface Exchange {
  /** Also sent as `x-request-id`. */
  readonly id: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** One header by its lower-case name; several lines of it joined by a comma. */
  header(name: string): string | undefined;
  /** How many Host headers came; `header` gives the first. */
  readonly hostCount: number;
  /** Host and port of a request target that is a whole address; empty where such an address has none, absent for a path. */
  readonly targetHost?: string | undefined;
  readonly peer: Peer;
  /** Address of the client behind proxies that are trusted; absent = that of the peer. */
  clientAddress?: string;
  /** Headers that the answer carries, whatever it will be; lower-case names. */
  readonly responseHeaders: Record<string, string>;
  /** Whether the client has left before its answer was complete; `onEnd` tells when. */
  readonly clientLeft: boolean;
  /** The whole body. Throws `bodyTooLarge` as soon as more than `maxBodyBytes` have come, `bodiesTooLarge` when too much comes at once, `ClientLeftError` when it breaks off. */
  readBody(): Promise<Uint8Array>;
  /** Set by the body-limit policy, which every listener has. */
  maxBodyBytes: number;
  /** Where the body finds room while it is read, set by the same; absent = nobody counts. */
  bodyRoom?: BodyRoom;
  /** The name of the key that was presented, once `auth` has accepted it. */
  keyName?: string;
  /** The names of models that this key may use; absent = all. */
  keyModels?: readonly string[];
  /** What the log will say of this request; filled in as it becomes known. */
  readonly record: ExchangeRecord;
  /**
   * Runs once, when the answer is complete or the client has left: for what must be given back. What was asked for first runs
   * last, and so the log and the figures see all that the others still find out.
   */
  onEnd(callback: () => void): void;
}

export interface Peer {
  readonly address: string;
  /** The listener's own end of the connection. */
  readonly localAddress: string;
}

/** Facts of one request for log and figures. Never prompts, answers, tool arguments or keys. Times are in milliseconds. */
export interface ExchangeRecord {
  /** On the clock that is never set back. */
  startedAt?: number | undefined;
  /** From the request until every policy had let it in. */
  admittedMs?: number | undefined;
  /** From the request until its body had come. */
  readMs?: number | undefined;
  /** From the request until it was known which model to ask. */
  chosenMs?: number | undefined;
  route?: string | undefined;
  protocol?: string | undefined;
  /** What the model was asked for, in OpenTelemetry's words; absent = to chat. */
  operation?: "text_completion" | "embeddings" | undefined;
  /** What the client asked for under "model". */
  alias?: string | undefined;
  /** `vendor/id` of the model that answered. */
  model?: string | undefined;
  isStreamed?: boolean | undefined;
  status?: number | undefined;
  errorCode?: string | undefined;
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  /** What was asked for and not done, as the client is told in `x-llm-proxy-warnings`. */
  warnings?: readonly string[] | undefined;
  /** How often a model was asked, over all targets. */
  attempts?: number | undefined;
  /** How many of the attempts asked the same model again. */
  retries?: number | undefined;
  /** Why the next model was asked, once for each time it was. */
  fallbacks?: Failure[] | undefined;
  /** From the request to the first content part. */
  firstPartMs?: number | undefined;
  /** Parts of the answer, the first and its end among them. */
  partCount?: number | undefined;
  /** How long was waited for the model, and for the client to send and to read: what is left of the duration is the proxy's own. */
  waitedMs?: number | undefined;
  /** Which limit of ours refused it: per what, and its name. */
  rateLimited?: { readonly scope: string; readonly limit: string } | undefined;
  /** Why no key was accepted. */
  authFailure?: "missing" | "invalid" | "expired" | "other-route" | undefined;
}

/** A record of which nothing is known. All fields are there from the start: an object that grows field by field is dear. */
export const createRecord = (): Required<ExchangeRecord> => ({
  startedAt: undefined,
  admittedMs: undefined,
  readMs: undefined,
  chosenMs: undefined,
  route: undefined,
  protocol: undefined,
  operation: undefined,
  alias: undefined,
  model: undefined,
  isStreamed: undefined,
  status: undefined,
  errorCode: undefined,
  inputTokens: undefined,
  outputTokens: undefined,
  warnings: undefined,
  attempts: undefined,
  retries: undefined,
  fallbacks: undefined,
  firstPartMs: undefined,
  partCount: undefined,
  waitedMs: undefined,
  rateLimited: undefined,
  authFailure: undefined,
});

/** The client went away before its request was read or answered: there is nobody to answer. */
export class ClientLeftError extends Error {
  override readonly name = "ClientLeftError";
  constructor() {
    super("The client left before its answer was complete.");
  }
}

/** An answer that a policy gives itself, such as that to a preflight. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Runs before routing, for every request and upgrade of a listener. Throws a `ProxyError` to refuse. */
export type ListenerPolicy = (exchange: Exchange) => void | Reply;

/** Runs once the route is known and before the body is read. Throws a `ProxyError` to refuse. */
export type RoutePolicy = (exchange: Exchange) => void | Promise<void>;

/** At most so much; absent = no such limit. */
export interface RateLimitOptions {
  readonly requestsPerMinute?: number;
  readonly requestsPerDay?: number;
  /** Of prompts and answers together. */
  readonly tokensPerMinute?: number;
  readonly tokensPerDay?: number;
  readonly maxParallelRequests?: number;
}

/**
 * Runs before a model is to be asked and before the body is read: for requests and for each frame of a WebSocket. Throws a
 * `ProxyError` to refuse.
 */
export type AskPolicy = (exchange: Exchange) => Promise<Admission>;

/** What is to be heard of a request that was let in. */
export interface Admission {
  /** The request has been read: it wants so many answers. */
  began(choiceCount: number): void;
  /** Stands outermost around the asking of the model. */
  readonly around: CallPolicy;
}

/** Stands around the asking of a model. Acts until an answer has begun, and is in nobody's way after that. */
export type CallPolicy = (ask: Ask) => Ask;

/** What befell a model's side when asking it threw; absent = the request is at fault, and would be everywhere. */
export const failureOf = (thrown: unknown): Failure | undefined => {
  if (thrown instanceof EmptyAnswerError) return 502;
  if (!(thrown instanceof ProxyError)) return 500;
  // Nothing is wrong with a request that only this model does not take.
  if (thrown.code === "model_not_supported") return 404;
  return thrown.failure ?? (thrown.status === 400 ? undefined : thrown.status);
};
