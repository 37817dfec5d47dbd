import { createHash, timingSafeEqual } from "node:crypto";
import { invalidApiKey } from "../errors.ts";
import type { Exchange, RoutePolicy } from "./policy.ts";

export interface KeyOptions {
  /** As declared under `keys:`; the only thing of a key that is ever logged. */
  readonly name: string;
  /** 64 hexadecimal digits, SHA-256 of the key; absent = its reference is unset and it matches nobody. */
  readonly sha256?: string;
}

export interface AuthOptions {
  /** Names of the keys that are accepted here. `"none"` asks for no key at all; an empty list accepts nobody. */
  readonly accepts: "none" | readonly string[];
}

/**
 * Accepts requests that present one of the named keys and notes its name in `exchange.keyName`. Keys are compared as
 * SHA-256 hashes, all of them each time, so that neither content nor position of a key shows in the time it takes.
 * Throws `invalidApiKey` (401) for a missing and a wrong key alike.
 */
export const auth = ({ accepts }: AuthOptions, keys: readonly KeyOptions[]): RoutePolicy => {
  if (accepts === "none") return function noAuthPolicy() {};
  const known = keys
    .filter((key) => accepts.includes(key.name) && key.sha256 !== undefined)
    .map((key) => ({ name: key.name, hash: Buffer.from(key.sha256 ?? "", "hex") }));
  return function authPolicy(exchange) {
    const presented = presentedKey(exchange);
    const hash = createHash("sha256").update(presented ?? "").digest();
    let name: string | undefined;
    for (const key of known) if (timingSafeEqual(hash, key.hash)) name = key.name;
    // An empty Bearer counts as no key, whatever its hash may be.
    if (presented === undefined || name === undefined) {
      exchange.record.authFailure = presented === undefined ? "missing" : "invalid";
      throw invalidApiKey();
    }
    exchange.keyName = name;
  };
};

/** The key as `Authorization: Bearer` or `x-api-key` carries it; absent when neither has a non-empty value. */
export const presentedKey = (exchange: Pick<Exchange, "header">): string | undefined => {
  const bearer = /^bearer +(\S+) *$/i.exec(exchange.header("authorization") ?? "")?.[1];
  return bearer ?? (exchange.header("x-api-key")?.trim() || undefined);
};
