import type { ProxyError } from "../errors.ts";
import type { Exchange, ListenerPolicy } from "./policy.ts";

export interface LeavingOptions {
  /** What a listener that is leaving says to a request that still comes, on a connection from before. Absent = it stays. */
  readonly refusal?: (exchange: Exchange) => ProxyError | undefined;
}

/** Refuses what begins on a listener that is leaving: what would answer it is in force no longer. */
export const leaving = ({ refusal }: LeavingOptions): ListenerPolicy =>
  function leavingPolicy(exchange) {
    const error = refusal?.(exchange);
    if (error !== undefined) throw error;
  };
