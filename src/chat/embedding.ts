import type { StopSignal } from "./stop-signal.ts";

/** Texts as vectors. */
export interface EmbedRequest {
  /** The name the client wrote under "model". */
  readonly model: string;
  /** Each a text, or its tokens by the model's own tokenizer; at least one. */
  readonly inputs: readonly (string | readonly number[])[];
  /** How many numbers each vector should have; absent = the model's own measure. */
  readonly dimensions?: number;
}

export interface EmbedResult {
  /** One for each input, in their order. */
  readonly vectors: readonly (readonly number[])[];
  /** Absent when the host could not tell. */
  readonly inputTokens?: number;
}

/** Throws what a chat call throws before its first part. */
export type EmbedCall = (request: EmbedRequest, context: { readonly signal: StopSignal }) => Promise<EmbedResult>;
