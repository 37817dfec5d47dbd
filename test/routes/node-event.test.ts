import type { IncomingMessage, ServerResponse } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeEvent } from "../../src/routes/node-event.ts";

const nodeEvents = suite("routes/node-event");

const eventOf = (url: string | undefined): ReturnType<typeof nodeEvent> =>
  nodeEvent({ method: "POST", url } as IncomingMessage, {} as ServerResponse);

for (const [target, path] of [
  ["/v1/models", "/v1/models"],
  ["/v1/models?limit=3", "/v1/models"],
  ["/v1/../health", "/health"],
  ["/v1/%2e%2e/health", "/health"],
  ["/v1/models/a%2Fb", "/v1/models/a%2Fb"],
  ["//v1/models", "//v1/models"],
  ["/%zz", "/%zz"],
  ["http://proxy.test/v1/models?limit=3", "/v1/models"],
  ["*", "/*"],
  ["http://[", "/*"],
  [undefined, "/"],
] as const) {
  nodeEvents(`the target ${target} is the path ${path}`, () => {
    assert.is(eventOf(target).url.pathname, path);
  });
}

nodeEvents("carries the method, and Node's own request and response", () => {
  const request = { method: "DELETE", url: "/" } as IncomingMessage;
  const response = {} as ServerResponse;
  const event = nodeEvent(request, response);
  assert.is(event.req.method, "DELETE");
  assert.is(event.runtime?.node?.req, request);
  assert.is(event.runtime?.node?.res, response);
});

nodeEvents.run();
