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

export interface EmbedContext {
  readonly signal: StopSignal;
  /** Is told of headers that the answer should carry, such as a server's own limits. Lower-case names. */
  readonly onHeaders?: (headers: Readonly<Record<string, string>>) => void;
}

/** Throws what a chat call throws before its first part. */
export type EmbedCall = (request: EmbedRequest, context: EmbedContext) => Promise<EmbedResult>;
