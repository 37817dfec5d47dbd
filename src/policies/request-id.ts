import type { ListenerPolicy } from "./policy.ts";

/** Tells the client the id under which the log knows its request, in OpenAI's header and in Anthropic's. */
export const requestId = (): ListenerPolicy =>
  function requestIdPolicy({ id, responseHeaders }) {
    responseHeaders["x-request-id"] = id;
    responseHeaders["request-id"] = id;
  };
