import { ProxyError } from "../errors.ts";
import { presentedKey } from "../policies/auth.ts";
import type { Exchange, RoutePolicy } from "../policies/policy.ts";
import type { Handler } from "./responder.ts";

export interface HealthOptions {
  readonly path: string;
}

/** What everybody may know. */
export interface Health {
  readonly state: string;
  readonly version: string;
  readonly generation: string;
  /** A hash of the configuration file's path: two windows on one file know each other by it. */
  readonly instance: string;
}

/** Where health is read: at once, and with all that takes a moment to find out. */
export interface HealthSource {
  readonly status: () => Health;
  readonly report: () => Promise<Health>;
}

/** Who sees the whole status: whoever presents a key or, where there are none, whoever is on this machine. */
export type HealthReaders = RoutePolicy | "loopback";

/** `GET /health`: 200 while running, else 503. No model is called. */
export const createHealthHandler = ({ status, report }: HealthSource, readers: HealthReaders): Handler =>
  async function handleHealth(exchange, responder) {
    const health = await maySeeAll(exchange, readers) ? await report() : reduce(status());
    responder.send({
      status: health.state === "running" ? 200 : 503,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(health),
    });
  };

const reduce = ({ state, version, generation, instance }: Health): Health => ({ state, version, generation, instance });

const maySeeAll = async (exchange: Exchange, readers: HealthReaders): Promise<boolean> => {
  if (readers === "loopback") return /^(?:127\.|::1$)/.test(exchange.peer.localAddress);
  // Who shows no key asks only whether it runs: that is no attempt to come in, and not counted as one.
  if (presentedKey(exchange) === undefined) return false;
  try {
    await readers(exchange);
    return true;
  } catch (error) {
    if (error instanceof ProxyError) return false;
    throw error;
  }
};
