import type { Batch } from "../chat/call.ts";
import { textOf } from "../chat/request.ts";
import { rateLimited } from "../errors.ts";
import type { Clock, Demand, LimitSize, LimitStore, Standing, Verdict } from "../services.ts";
import type { Admission, AskPolicy, CallPolicy, Exchange, RateLimitOptions } from "./policy.ts";

export interface RouteRateLimitOptions extends RateLimitOptions {
  /** Who has buckets of their own: each key, each client address (IPv6: each /64), or only the route as a whole. */
  readonly per: RateLimitScope;
}

export type RateLimitScope = "key" | "ip" | "route";
export type RateLimitName = keyof RateLimitOptions;

export interface RateLimitPolicyOptions {
  readonly route: { readonly name: string; readonly rateLimit: RouteRateLimitOptions };
  readonly keys: readonly { readonly name: string; readonly rateLimit?: RateLimitOptions }[];
  readonly store: LimitStore;
  readonly clock: Pick<Clock, "now">;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What each limit counts, and in which time all of it comes back. */
const kinds: Readonly<Record<RateLimitName, { readonly counts: "requests" | "tokens" | "running"; readonly periodMs?: number }>> = {
  requestsPerMinute: { counts: "requests", periodMs: minuteMs },
  requestsPerDay: { counts: "requests", periodMs: dayMs },
  tokensPerMinute: { counts: "tokens", periodMs: minuteMs },
  tokensPerDay: { counts: "tokens", periodMs: dayMs },
  maxParallelRequests: { counts: "running" },
};

/** One limit of the route or of a key. */
interface Rule {
  readonly scope: RateLimitScope;
  /** Of the route or the key. */
  readonly owner: string;
  readonly name: RateLimitName;
  readonly demand: Omit<Demand, "subject">;
}

/**
 * Lets in what every limit of the route and of the presented key lets in: a bucket each, which refills evenly. Requests are
 * taken at once, tokens when it is known how many were used; until then it is enough that one is left. A request that fails
 * has counted. Tells in `x-ratelimit-*` how things stand, and in `anthropic-ratelimit-*` who speaks that. Throws `rateLimited` (429), whose wait is exact.
 * Absent where neither the route nor any key has a limit. @see https://platform.openai.com/docs/guides/rate-limits
 */
export const rateLimit = ({ route, keys, store, clock }: RateLimitPolicyOptions): AskPolicy | undefined => {
  const { per, ...limits } = route.rateLimit;
  const routeRules = rulesOf(per, "route", route.name, limits);
  const keyRules = new Map(keys.map(({ name, rateLimit: own = {} }) => [name, rulesOf("key", "key", name, own)]));
  if (routeRules.length === 0 && [...keyRules.values()].every((rules) => rules.length === 0)) return undefined;
  return async function rateLimitPolicy(exchange) {
    const rules = [...routeRules, ...keyRules.get(exchange.keyName ?? "") ?? []];
    if (rules.length === 0) return unlimited;
    const demands = rules.map(({ scope, demand }): Demand => ({ ...demand, subject: subjectOf(scope, exchange) }));
    const taken = store.take(demands);
    const verdict = taken instanceof Promise ? await taken : taken;
    const headersFor = exchange.header("anthropic-version") === undefined ? openaiHeaders : anthropicHeaders(clock);
    const tell: Tell = (standings) => void Object.assign(exchange.responseHeaders, headersOf(standings, headersFor));
    tell(verdict.standings);
    if (!verdict.isAdmitted) throw refusal(verdict, rules, exchange);
    return admit(demands, store, exchange, tell);
  };
};

const rulesOf = (scope: RateLimitScope, kind: "route" | "key", owner: string, limits: RateLimitOptions): readonly Rule[] =>
  (Object.keys(kinds) as RateLimitName[]).flatMap((name) => {
    const size = limits[name];
    const { counts, periodMs } = kinds[name];
    if (size === undefined) return [];
    const demand = { limit: `${kind} ${owner} ${name}`, size, cost: counts === "tokens" ? 0 : 1, ...(periodMs !== undefined && { periodMs }) };
    return [{ scope, owner, name, demand }];
  });

/** Every limit of a configuration. */
export const limitsOf = ({ routes, keys }: { readonly routes: readonly RateLimitPolicyOptions["route"][]; readonly keys: RateLimitPolicyOptions["keys"] }): readonly LimitSize[] => [
  ...routes.flatMap(({ name, rateLimit: { per, ...limits } }) => rulesOf(per, "route", name, limits)),
  ...keys.flatMap(({ name, rateLimit: own = {} }) => rulesOf("key", "key", name, own)),
].map(({ demand }) => demand);

/** What is counted for one key: under its own limits, and under those of the routes that count for each key. */
export const demandsOfKey = (
  { name, rateLimit: own = {} }: RateLimitPolicyOptions["keys"][number],
  routes: readonly RateLimitPolicyOptions["route"][],
): readonly { readonly limit: RateLimitName; readonly route?: string; readonly demand: Demand }[] => {
  const subject = `key ${name}`;
  const ofRoutes = routes.filter(({ rateLimit: { per } }) => per === "key").flatMap((route) => {
    const { per, ...limits } = route.rateLimit;
    return rulesOf(per, "route", route.name, limits);
  });
  return [
    ...rulesOf("key", "key", name, own).map((rule) => ({ limit: rule.name, demand: { ...rule.demand, subject } })),
    ...ofRoutes.map((rule) => ({ limit: rule.name, route: rule.owner, demand: { ...rule.demand, subject } })),
  ];
};

const subjectOf = (scope: RateLimitScope, { keyName, peer, clientAddress }: Exchange): string => {
  if (scope === "route") return "all";
  return scope === "key" && keyName !== undefined ? `key ${keyName}` : addressBlock(clientAddress ?? peer.address);
};

/** Who has one IPv6 address has all of its /64; an IPv4 address stands for itself. @see RFC 6177 */
export const addressBlock = (address: string): string => {
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%", 1)[0] ?? "").split("::");
  const start = head === "" ? [] : head.split(":");
  const end = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...start, ...Array.from({ length: 8 - start.length - end.length }, () => "0"), ...end];
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
};

const unlimited: Admission = { began() {}, around: (ask) => ask };

/** Tells the client how things stand. */
type Tell = (standings: readonly Standing[]) => void;

/** What a request that was let in still owes, and what it gives back at its end. */
const admit = (demands: readonly Demand[], store: LimitStore, exchange: Exchange, tell: Tell): Admission => {
  const requests = demands.filter(({ periodMs, cost }) => periodMs !== undefined && cost > 0);
  const tokens = demands.filter(({ cost }) => cost === 0);
  const meter = createMeter();
  exchange.onEnd(() => {
    void store.release(demands);
    const { inputTokens, outputTokens = 0 } = exchange.record;
    const used = inputTokens === undefined ? meter.tokens() : inputTokens + outputTokens;
    if (used > 0) void store.charge(tokens, used);
  });
  return {
    began(choiceCount) {
      if (choiceCount < 2 || requests.length === 0) return;
      void store.charge(requests, choiceCount - 1);
      const standings = store.look(requests);
      if (standings instanceof Promise) void standings.then(tell);
      else tell(standings);
    },
    around: tokens.length === 0 ? (ask) => ask : meter.around,
  };
};

/**
 * Guesses the tokens of an answer whose model does not count them, or whose client left before it could: a token for every
 * four characters of prompt and answer, once there is an answer.
 */
const createMeter = (): { readonly around: CallPolicy; tokens(): number } => {
  let characters = 0;
  const read = (batch: Batch): void => {
    for (const part of batch) {
      if (part.type === "text-delta" || part.type === "reasoning-delta") characters += part.text.length;
      else if (part.type === "tool-call-delta") characters += part.argumentsText.length;
    }
  };
  const readAll = async (rest: AsyncIterator<Batch>): Promise<IteratorResult<Batch>> => {
    const next = await rest.next();
    if (next.done !== true) read(next.value);
    return next;
  };
  return {
    around: (ask) => async (request, context) => {
      const { first, rest } = await ask(request, context);
      characters += request.messages.reduce((sum, message) => sum + textOf(message).length, 0);
      read(first);
      return { first, rest: { next: () => readAll(rest), return: async () => await rest.return?.() ?? { done: true, value: undefined } } };
    },
    tokens: () => Math.ceil(characters / 4),
  };
};

/** By the limit that has to be waited for the longest. */
const refusal = ({ standings }: Verdict, rules: readonly Rule[], exchange: Exchange): Error => {
  const longest = standings.reduce((found, { waitMs }, index) => (waitMs > (standings[found]?.waitMs ?? 0) ? index : found), 0);
  const [rule, standing] = [rules[longest], standings[longest]];
  if (rule === undefined || standing === undefined) throw new Error("A limit refused that nobody asked.");
  const { scope, owner, name, demand } = rule;
  exchange.record.rateLimited = { scope, limit: name };
  const isOfKey = demand.limit.startsWith("key ");
  const who = scope === "route" ? `Route "${owner}"` : scope === "key" && exchange.keyName !== undefined ? `The key "${exchange.keyName}"` : `The address ${exchange.clientAddress ?? exchange.peer.address}`;
  return rateLimited({ who, limit: name, size: demand.size, waitMs: standing.waitMs, place: isOfKey ? `the key "${owner}"` : `route "${owner}"` });
};

/** How an API tells of one limit. */
type HeadersFor = (what: "requests" | "tokens", standing: Standing) => Record<string, string>;

/** Three headers each for requests and tokens, of the limit that leaves the least. */
const headersOf = (standings: readonly Standing[], headersFor: HeadersFor): Record<string, string> => {
  const refilled = standings.filter(({ demand }) => demand.periodMs !== undefined);
  const requests = tightest(refilled.filter(({ demand }) => demand.cost > 0));
  const tokens = tightest(refilled.filter(({ demand }) => demand.cost === 0));
  return {
    ...(requests === undefined ? {} : headersFor("requests", requests)),
    ...(tokens === undefined ? {} : headersFor("tokens", tokens)),
  };
};

const tightest = (standings: readonly Standing[]): Standing | undefined =>
  standings.toSorted((a, b) => a.remaining - b.remaining || b.resetMs - a.resetMs)[0];

const openaiHeaders: HeadersFor = (what, { demand, remaining, resetMs }) => ({
  [`x-ratelimit-limit-${what}`]: String(demand.size),
  [`x-ratelimit-remaining-${what}`]: String(remaining),
  [`x-ratelimit-reset-${what}`]: durationHeader(resetMs),
});

/** Anthropic tells the second in which all is there again. @see https://docs.anthropic.com/en/api/rate-limits#response-headers */
const anthropicHeaders = (clock: Pick<Clock, "now">): HeadersFor => (what, { demand, remaining, resetMs }) => ({
  [`anthropic-ratelimit-${what}-limit`]: String(demand.size),
  [`anthropic-ratelimit-${what}-remaining`]: String(remaining),
  [`anthropic-ratelimit-${what}-reset`]: new Date(Math.ceil((clock.now() + resetMs) / 1000) * 1000).toISOString().replace(".000Z", "Z"),
});

/** As OpenAI writes it: `12ms`, `1.5s`, `6m0s`, `1h0m3s`. */
export const durationHeader = (ms: number): string => {
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / minuteMs) % 60;
  const seconds = `${(ms % minuteMs) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
};
