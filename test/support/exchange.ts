import { ProxyError } from "../../src/errors.ts";
import type { Exchange } from "../../src/policies/policy.ts";

export interface ExchangeFacts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly localAddress?: string;
  readonly address?: string;
  readonly method?: string;
  readonly hostCount?: number;
  readonly targetHost?: string;
}

/** A request as a policy sees it, without a door. */
export const exchangeOf = ({ headers = {}, localAddress = "127.0.0.1", address = "127.0.0.1", method = "POST", hostCount = 1, targetHost }: ExchangeFacts = {}): Exchange => ({
  id: "req-1",
  method,
  path: "/v1/chat/completions",
  header: (name) => headers[name],
  hostCount,
  targetHost,
  peer: { address, localAddress },
  responseHeaders: {},
  clientLeft: false,
  readBody: () => Promise.reject(new Error("A policy read the body.")),
  maxBodyBytes: 0,
  record: {},
  onEnd() {},
});

/** The `ProxyError` that `work` throws; undefined where it throws nothing. */
export const refusalOf = (work: () => unknown): ProxyError | undefined => {
  try {
    work();
  } catch (error) {
    if (error instanceof ProxyError) return error;
    throw error;
  }
  return undefined;
};
