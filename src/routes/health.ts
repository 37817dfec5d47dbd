import { ProxyError } from "../errors.ts";
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

/** What those may know who may ask for anything here: the whole status. */
export type Status = Health & Readonly<Record<string, unknown>>;

/** Who sees the whole status: whoever presents a key or, where there are none, whoever is on this machine. */
export type HealthReaders = RoutePolicy | "loopback";

/** `GET /health`: 200 while running, else 503. No model is called. */
export const createHealthHandler = (status: () => Status, readers: HealthReaders): Handler =>
  async function handleHealth(exchange, responder) {
    const report = status();
    responder.send({
      status: report.state === "running" ? 200 : 503,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(await maySeeAll(exchange, readers) ? report : reduce(report)),
    });
  };

const reduce = ({ state, version, generation, instance }: Status): Health => ({ state, version, generation, instance });

const maySeeAll = async (exchange: Exchange, readers: HealthReaders): Promise<boolean> => {
  if (readers === "loopback") return /^(?:127\.|::1$)/.test(exchange.peer.localAddress);
  try {
    await readers(exchange);
    return true;
  } catch (error) {
    if (error instanceof ProxyError) return false;
    throw error;
  }
};
