import { createHash, timingSafeEqual } from "node:crypto";
import { invalidApiKey, routeNotAllowed } from "../errors.ts";
import { systemClock, type Clock } from "../services.ts";
import type { Exchange, RateLimitOptions, RoutePolicy } from "./policy.ts";

export interface KeyOptions {
  /** As declared under `keys:`; the only thing of a key that is ever logged. */
  readonly name: string;
  /** 64 hexadecimal digits, SHA-256 of the key; absent = its reference is unset and it matches nobody. */
  readonly sha256?: string;
  /** Names that it may ask for: aliases, or what only an alias with a `*` serves; absent = all. */
  readonly models?: readonly string[];
  /** On all routes together. */
  readonly rateLimit?: RateLimitOptions;
  /** From then on it matches nobody, in milliseconds since the epoch; absent = never. */
  readonly expiresAt?: number;
}

export interface AuthOptions {
  /** Names of the keys that are accepted here. `"none"` asks for no key at all; an empty list accepts nobody. */
  readonly accepts: "none" | readonly string[];
}

/**
 * Accepts requests that present one of the named keys, and notes its name and models in the exchange. Keys are compared as
 * SHA-256 hashes, all of them each time, so that neither content nor position of a key shows in the time it takes.
 * Throws `invalidApiKey` (401) for a missing, wrong and expired key alike, `routeNotAllowed` (403) for a key of another route.
 */
export const auth = ({ accepts }: AuthOptions, keys: readonly KeyOptions[], clock: Pick<Clock, "now"> = systemClock): RoutePolicy => {
  if (accepts === "none") return function noAuthPolicy() {};
  const known = keys.flatMap((key) => (key.sha256 === undefined ? [] : [{ key, hash: Buffer.from(key.sha256, "hex") }]));
  return function authPolicy(exchange) {
    const presented = presentedKey(exchange);
    const presentedHash = createHash("sha256").update(presented ?? "").digest();
    let found: KeyOptions | undefined;
    for (const { key, hash } of known) if (timingSafeEqual(presentedHash, hash)) found = key;
    // An empty Bearer counts as no key, whatever its hash may be.
    if (presented === undefined || found === undefined) throw refused(exchange, presented === undefined ? "missing" : "invalid");
    if (found.expiresAt !== undefined && found.expiresAt <= clock.now()) throw refused(exchange, "expired");
    exchange.keyName = found.name;
    if (!accepts.includes(found.name)) {
      exchange.record.authFailure = "other-route";
      throw routeNotAllowed(found.name);
    }
    if (found.models !== undefined) exchange.keyModels = found.models;
  };
};

const refused = ({ record }: Exchange, reason: NonNullable<Exchange["record"]["authFailure"]>): Error => {
  record.authFailure = reason;
  return invalidApiKey();
};

/** How a browser sends a key when it opens a WebSocket: beside the sub-protocols that it offers, because it can set no header. */
const keySubprotocol = "openai-insecure-api-key.";

/** The key as `Authorization: Bearer`, `x-api-key` or a WebSocket's sub-protocol carries it; absent when none has a non-empty value. */
export const presentedKey = (exchange: Pick<Exchange, "header">): string | undefined => {
  const bearer = /^bearer +(\S+) *$/i.exec(exchange.header("authorization") ?? "")?.[1];
  return bearer ?? (exchange.header("x-api-key")?.trim() || keyAmong(subprotocolsOf(exchange)));
};

/** The sub-protocol that an opened WebSocket answers with: the first that is no key, so that none is ever sent back. */
export const answeredSubprotocol = (exchange: Pick<Exchange, "header">): string | undefined =>
  subprotocolsOf(exchange).find((name) => name !== "" && !name.startsWith(keySubprotocol));

const subprotocolsOf = (exchange: Pick<Exchange, "header">): readonly string[] => {
  const offered = exchange.header("sec-websocket-protocol");
  return offered === undefined ? [] : offered.split(",").map((name) => name.trim());
};

const keyAmong = (subprotocols: readonly string[]): string | undefined =>
  subprotocols.find((name) => name.startsWith(keySubprotocol))?.slice(keySubprotocol.length) || undefined;
