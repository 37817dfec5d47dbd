import type { IncomingMessage, ServerResponse } from "node:http";
import type { EventHandler } from "h3";
import { logExchange } from "../observability/exchange.ts";
import type { Figures, ListenerFigures } from "../observability/figures.ts";
import { serverTiming, sinceStart } from "../observability/timings.ts";
import { ClientLeftError, type Exchange, type ListenerPolicy, type Reply } from "../policies/policy.ts";
import { dialectOf } from "../protocols/registry.ts";
import type { Services } from "../services.ts";
import { openNodeDoor } from "./node-door.ts";
import { renderError, toProxyError } from "./render-error.ts";
import type { Handler, Responder } from "./responder.ts";
import { outside, type Scope } from "./route-table.ts";
import { openWebDoor } from "./web-door.ts";

export interface ServeOptions {
  readonly listener: { readonly name: string };
  readonly generation: string;
  readonly figures: Figures;
  readonly services: Services;
}

/** Answers one exchange with a handler, through everything that every request passes. Never throws. */
export type Answer = (handler: Handler, scope: Scope, exchange: Exchange, responder: Responder) => Promise<void>;

/** Puts around handlers what every request passes, whatever its door: policies, error answers, one line in the log. */
export const createAnswer = (listenerPolicies: readonly ListenerPolicy[], options: ServeOptions): Answer => {
  const { services } = options;
  const figures = options.figures.of(options.listener.name);
  return async (handler, scope, exchange, responder) => {
    begin(exchange, scope, figures, options);
    try {
      const reply = answerOf(listenerPolicies, exchange);
      if (reply !== undefined) return responder.send(reply);
      for (const policy of scope.policies) {
        const admitted = policy(exchange);
        // Most answer at once: to wait for nothing would cost every request a turn.
        if (admitted !== undefined) await admitted;
      }
      exchange.record.admittedMs = sinceStart(exchange, services.clock);
      await handler(exchange, responder);
    } catch (thrown) {
      try {
        answerFailure(thrown, exchange, responder, scope, services);
      } catch (failure) {
        // Not even the error could be written. Nobody else catches this, and the client must not wait for ever.
        toProxyError(failure, exchange, services.log);
        responder.abort();
      }
    }
  };
};

/** What is called for a path, once it is found: opens the door that the request came through. */
export interface Served {
  /** For a request of Node's http or https server. */
  node(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same as h3 calls it. */
  readonly event: EventHandler;
}

export const createServe = (answer: Answer, { newId, clock }: Services) =>
  (handler: Handler, scope: Scope): Served => {
    const node: Served["node"] = (request, response) => {
      const door = openNodeDoor(request, response, newId(), clock);
      return answer(handler, scope, door.exchange, door.responder);
    };
    return {
      node,
      event(event) {
        const { req, res } = event.runtime?.node ?? {};
        // Of Node's http or https server, never of http2, which h3's types allow for.
        if (res !== undefined) return node(req as IncomingMessage, res as ServerResponse);
        const door = openWebDoor(event.req, newId());
        void answer(handler, scope, door.exchange, door.responder);
        return door.response;
      },
    };
  };

const begin = (exchange: Exchange, { route, protocols }: Scope, figures: ListenerFigures, { generation, services: { clock, log } }: ServeOptions): void => {
  const startedAt = clock.monotonic();
  figures.began();
  exchange.record.startedAt = startedAt;
  exchange.responseHeaders["x-llm-proxy-config"] = generation;
  if (route !== undefined) exchange.record.route = route.name;
  const protocol = protocols[0]?.name;
  if (route !== undefined && protocol !== undefined) exchange.record.protocol = protocol;
  exchange.onEnd(() => {
    const durationMs = clock.monotonic() - startedAt;
    figures.ended(exchange.record, { durationMs, clientLeft: exchange.clientLeft });
    logExchange(log, exchange, durationMs);
  });
};

/** Runs a listener's policies, outermost first; what one of them gives is an answer of its own. */
const answerOf = (policies: readonly ListenerPolicy[], exchange: Exchange): Reply | undefined => {
  for (const policy of policies) {
    const reply = policy(exchange);
    if (reply !== undefined) return reply;
  }
  return undefined;
};

const answerFailure = (thrown: unknown, exchange: Exchange, responder: Responder, { protocols, hasDialects }: Scope, { clock, log }: Services): void => {
  if (thrown instanceof ClientLeftError || exchange.clientLeft) return responder.abort();
  const error = toProxyError(thrown, exchange, log);
  const protocol = (hasDialects ? dialectOf(exchange) : undefined) ?? protocols[0] ?? outside.protocols[0];
  if (responder.hasStarted || protocol === undefined) return responder.abort();
  exchange.responseHeaders["server-timing"] = serverTiming(exchange.record, sinceStart(exchange, clock));
  responder.send(renderError(error, exchange, protocol));
};
