/**
 * One piece of an answer. Parts travel in batches, all that came in one turn of the event loop, so that a burst of
 * thirty costs one write and not thirty.
 *
 * Order: any number of deltas and warnings, each tool call as start, deltas, end; one `finish`, last. An answer that
 * ends without `finish` was cut, and is an error for whoever reads it.
 */
export type StreamPart =
  | TextDelta
  | ReasoningDelta
  | RefusalDelta
  | ToolCallStart
  | ToolCallDelta
  | ToolCallEnd
  | Warning
  | ChoicePart
  | Finish;

export interface TextDelta {
  readonly type: "text-delta";
  readonly text: string;
}

export interface ReasoningDelta {
  readonly type: "reasoning-delta";
  readonly text: string;
}

/** The model's words for why it will not answer, from models that tell them apart from an answer. */
export interface RefusalDelta {
  readonly type: "refusal-delta";
  readonly text: string;
}

export interface ToolCallStart {
  readonly type: "tool-call-start";
  readonly id: string;
  readonly name: string;
}

export interface ToolCallDelta {
  readonly type: "tool-call-delta";
  readonly id: string;
  /** The next piece of the arguments' JSON text. */
  readonly argumentsText: string;
}

export interface ToolCallEnd {
  readonly type: "tool-call-end";
  readonly id: string;
}

/** Something asked for that was not done; told to the client in `x-llm-proxy-warnings` and to the log. */
export interface Warning {
  readonly type: "warning";
  readonly message: string;
}

/**
 * A part of one more answer to the same request, where several were asked for; the first answer's parts travel as they are.
 * Its own `finish` tells no usage: the last part of all tells that of all answers together.
 */
export interface ChoicePart {
  readonly type: "choice";
  /** From 1 on: the first answer is choice 0. */
  readonly index: number;
  readonly part: Exclude<StreamPart, ChoicePart | Warning>;
}

export interface Finish {
  readonly type: "finish";
  readonly finishReason: FinishReason;
  /** Which of the request's stop sequences ended the answer, where that is known. */
  readonly stopSequence?: string;
  /** Absent when the host could not tell. */
  readonly usage?: Usage;
}

export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter";

/** Counts in tokens of the model that answered. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Those of the input that the provider had kept from an earlier request; absent = not told. */
  readonly cachedInputTokens?: number;
  /** Those of the output that were thoughts; absent = not told. */
  readonly reasoningTokens?: number;
}

/** Whether a part is an answer already: from the first such part on, nobody may try again elsewhere. */
export const isContent = (part: StreamPart): boolean => part.type !== "warning";
