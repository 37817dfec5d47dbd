/** What Anthropic's API puts on the wire, as far as it is spoken here. @see https://docs.anthropic.com/en/api/models-list */
export interface WireModel {
  readonly type: "model";
  readonly id: string;
  readonly display_name: string;
  /** RFC 3339. */
  readonly created_at: string;
  readonly lifecycle: "active";
  readonly deprecated_at: null;
  readonly retires_at: null;
  readonly line: null;
  readonly capabilities: null;
  readonly max_input_tokens: null;
  readonly max_tokens: null;
}

export interface WireModelList {
  readonly data: readonly WireModel[];
  readonly has_more: false;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

export type WireErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error";

export interface WireError {
  readonly type: "error";
  readonly error: { readonly type: WireErrorType; readonly message: string };
  readonly request_id: string;
}
