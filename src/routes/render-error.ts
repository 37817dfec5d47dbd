import { CutAnswerError, EmptyAnswerError } from "../chat/call.ts";
import { cutAnswer, emptyAnswer, internalError, ProxyError } from "../errors.ts";
import type { Protocol } from "../protocols/protocol.ts";
import type { Exchange, ExchangeRecord, Reply } from "../policies/policy.ts";
import type { Log } from "../services.ts";

/**
 * Anything thrown as the error that the client sees. What is not ours is a 500 without details: those go to the log, under
 * the request's id.
 */
export const toProxyError = (thrown: unknown, exchange: Exchange, log: Log): ProxyError => {
  if (thrown instanceof ProxyError) return thrown;
  const model = exchange.record.model ?? "The model";
  if (thrown instanceof EmptyAnswerError) return emptyAnswer(model);
  if (thrown instanceof CutAnswerError) return cutAnswer(model);
  log.error("request failed by an unexpected error", { id: exchange.id, error: describe(thrown) });
  return internalError(thrown);
};

/** An error answer in the protocol's shape, with the headers by which SDKs decide whether to try again. */
export const renderError = (error: ProxyError, exchange: Exchange, protocol: Pick<Protocol, "encodeError">): Reply => {
  exchange.record.errorCode = error.code ?? error.type;
  return {
    status: error.status,
    headers: { "content-type": "application/json; charset=utf-8", ...error.headers, ...retryHeaders(error), ...attemptHeader(exchange.record) },
    body: protocol.encodeError(error, exchange.id),
  };
};

/** How often models were asked until this answer, where any was. */
export const attemptHeader = ({ attempts }: ExchangeRecord): Record<string, string> =>
  attempts === undefined ? {} : { "x-llm-proxy-attempts": String(attempts) };

/** `retry-after` in whole seconds, rounded up: a client that comes back too early is refused again. @see RFC 9110 section 10.2.3 */
const retryHeaders = ({ retryAfterMs, isRetryable }: ProxyError): Record<string, string> => ({
  ...(retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)), "retry-after-ms": String(Math.ceil(retryAfterMs)) }),
  ...(isRetryable === undefined ? {} : { "x-should-retry": String(isRetryable) }),
});

/** The editor's API rejects with things that are no errors at all: nothing about them is taken for granted. */
const describe = (thrown: unknown): string => (thrown instanceof Error ? thrown.stack ?? thrown.message : `${typeof thrown} was thrown`);
