/**
 * Chat completions as they travel. Requests are checked field by field and have no type of their own.
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export type WireFinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "function_call";

export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens: number };
}

export interface WireToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface WireMessage {
  readonly role: "assistant";
  readonly content: string | null;
  readonly refusal: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly WireToolCall[];
  /** What there was before tools; only for requests that speak so. */
  readonly function_call?: WireToolCall["function"];
}

export interface WireCompletion {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint?: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: WireMessage;
    readonly logprobs: null;
    readonly finish_reason: WireFinishReason;
  }[];
  readonly usage?: WireUsage;
}

/** Of the older completions, whole or a piece of it. */
export interface WireTextChoice {
  readonly text: string;
  readonly index: number;
  readonly logprobs: null;
  readonly finish_reason: WireFinishReason | null;
}

export interface WireTextCompletion {
  readonly id: string;
  readonly object: "text_completion";
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint?: string;
  readonly choices: readonly WireTextChoice[];
  readonly usage?: WireUsage;
}

export interface WireEmbeddings {
  readonly object: "list";
  readonly data: readonly { readonly object: "embedding"; readonly index: number; readonly embedding: readonly number[] | string }[];
  readonly model: string;
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

export interface WireModel {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: string;
  readonly description?: string;
}
