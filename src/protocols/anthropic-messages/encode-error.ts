import type { ProxyError } from "../../errors.ts";
import type { WireError, WireErrorType } from "./wire.ts";

/** Anthropic's error object: its types say less than a status does, and have no code. @see https://docs.anthropic.com/en/api/errors */
export const encodeError = ({ status, message }: Pick<ProxyError, "status" | "message">, requestId: string): string =>
  JSON.stringify({ type: "error", error: { type: typeOf(status), message }, request_id: requestId } satisfies WireError);

const typeOf = (status: number): WireErrorType => byStatus[status] ?? (status < 500 ? "invalid_request_error" : "api_error");

const byStatus: Readonly<Record<number, WireErrorType>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "request_too_large",
  429: "rate_limit_error",
  // 529 is Anthropic's own; other clients do not know it.
  503: "overloaded_error",
  504: "timeout_error",
};
