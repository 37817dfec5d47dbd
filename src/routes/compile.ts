import type { IncomingMessage, ServerResponse } from "node:http";
import { H3 } from "h3";
import { listenerPolicies, type ListenerPolicyOptions } from "../policies/registry.ts";
import { nodeEvent } from "./node-event.ts";
import { notFound, outside, scopesOf, servedPaths, tableOf, byMethod, under, type RouteTableOptions } from "./route-table.ts";
import { createAnswer, createServe, type Served } from "./serve.ts";
import { createWebSocketDoor, type WebSocketDoor } from "./websocket-door.ts";

export interface AppOptions extends RouteTableOptions {
  readonly listener: ListenerPolicyOptions & { readonly name: string };
}

/** One listener's configuration as something that answers requests. Has no side effect until it is served. */
export interface CompiledApp extends WebSocketDoor {
  /** Answers a request of Node's server; settles when the answer has left or the client has gone. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  fetch(request: Request): Promise<Response>;
  /** What is served, as `POST /v1/chat/completions`. */
  readonly served: readonly string[];
}

/** Compiles once what every request of a listener then passes: h3 finds the path, `serve` does the rest. */
export const compileApp = (options: AppOptions): CompiledApp => {
  const scopes = scopesOf(options);
  const table = tableOf(scopes, options);
  const served = servedPaths(table);
  const answer = createAnswer(listenerPolicies(options.listener, options.memory), options);
  const serve = createServe(answer, options.services);
  // A path that cannot be decoded is one more that is not served: our own 404 answers it, not h3's 400.
  const app = new H3({ silent: true, allowMalformedURL: true });
  // A request for a path just as it is served, which most are, needs no router.
  const exact = new Map<string, Served>();
  for (const { path, methods, scope } of table) {
    const found = serve(byMethod(methods), scope);
    app.all(path, found.event);
    if (!path.includes("*")) exact.set(path, found);
  }
  for (const scope of scopes) app.all(under(scope.path, "**"), serve(notFound(served), scope).event);
  if (!scopes.some(({ path }) => path === "/")) app.all("/**", serve(notFound(served), outside).event);
  const sockets = createWebSocketDoor(table, answer, options.services);
  return {
    handle: (request, response) => exact.get(request.url ?? "")?.node(request, response) ?? app.handler(nodeEvent(request, response)) as Promise<void>,
    fetch: async (request) => app.fetch(request),
    upgrade: sockets.upgrade,
    receive: sockets.receive,
    served,
  };
};
