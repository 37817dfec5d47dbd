import type { Tables } from "../limits/balances.ts";
import { createBodyRoom } from "../limits/body-room.ts";
import { createMemoryStore } from "../limits/memory-store.ts";
import type { Clock, PolicyMemory } from "../services.ts";
import { auth, type AuthOptions, type KeyOptions } from "./auth.ts";
import { createBreaker } from "./breaker.ts";
import { bodyLimit, type BodyLimitOptions } from "./body-limit.ts";
import { cors, type CorsOptions } from "./cors.ts";
import { leaving, type LeavingOptions } from "./leaving.ts";
import { origin, type OriginOptions } from "./origin.ts";
import type { AskPolicy, ListenerPolicy, RoutePolicy } from "./policy.ts";
import { rateLimit, type RateLimitPolicyOptions } from "./rate-limit.ts";
import { requestId } from "./request-id.ts";
import { trustedProxies, type TrustedProxiesOptions } from "./trusted-proxies.ts";

export type ListenerPolicyOptions = OriginOptions & BodyLimitOptions & LeavingOptions & TrustedProxiesOptions & { readonly cors: CorsOptions };

/** For every request and upgrade of a listener, outermost first. */
export const listenerPolicies = (options: ListenerPolicyOptions, { bodies }: Pick<PolicyMemory, "bodies">): readonly ListenerPolicy[] => [
  // First, so that a refusal by any other carries the id too.
  requestId(),
  // Before whoever asks for the client's address; without proxies it is the peer's.
  ...(options.trustedProxies.length === 0 ? [] : [trustedProxies(options)]),
  // Before anything is read: a web page that may not ask must not cost anything either.
  origin(options),
  // After the origin was let in, and before all that may refuse: a page is to see why.
  ...(options.cors.allowOrigins.length === 0 ? [] : [cors(options)]),
  leaving(options),
  bodyLimit(options, bodies),
];

export interface RoutePolicyOptions {
  readonly auth: AuthOptions;
  readonly keys: readonly KeyOptions[];
  readonly clock: Clock;
}

/** For every request of a route, outermost first. */
export const routePolicies = (options: RoutePolicyOptions): readonly RoutePolicy[] => [
  auth(options.auth, options.keys, options.clock),
];

/** For every request and frame that asks a model, before its body is read; absent where nothing is to be asked. */
export const askPolicy = (options: RateLimitPolicyOptions): AskPolicy | undefined => rateLimit(options);

export const createPolicyMemory = (clock: Clock, tables?: Tables): PolicyMemory => ({
  breaker: createBreaker(clock),
  limits: createMemoryStore(clock, tables),
  bodies: createBodyRoom(),
});
