import type { ListenerPolicy } from "./policy.ts";

/** Tells the client the id under which the log knows its request: in OpenAI's header, and in Anthropic's to whoever speaks so. */
export const requestId = (): ListenerPolicy =>
  function requestIdPolicy(exchange) {
    exchange.responseHeaders["x-request-id"] = exchange.id;
    if (exchange.header("anthropic-version") !== undefined) exchange.responseHeaders["request-id"] = exchange.id;
  };
