import type { Batch, ChatCall } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import type { ChatRequest } from "../../src/chat/request.ts";

/** A call whose answers are known beforehand, and what it was asked. */
export interface PlayedCall {
  readonly call: ChatCall;
  /** Every question, in order. */
  readonly requests: readonly ChatRequest[];
  /** How many answers nobody reads any more, to the end or not. */
  readonly released: number;
  /** How many batches were taken from it. */
  readonly taken: number;
}

/** Answers the first question with the first answer, the second with the second. A turn of the event loop lies between batches. */
export const playAnswers = (...answers: readonly (readonly Batch[])[]): PlayedCall => {
  const requests: ChatRequest[] = [];
  let [released, taken] = [0, 0];
  return {
    requests,
    async *call(request) {
      const answer = answers[requests.length];
      requests.push(request);
      if (answer === undefined) throw new Error(`A question too many: ${requests.length}.`);
      try {
        for (const batch of answer) {
          await new Promise((resolve) => void setImmediate(resolve));
          taken += 1;
          yield batch;
        }
      } finally {
        released += 1;
      }
    },
    get released() {
      return released;
    },
    get taken() {
      return taken;
    },
  };
};

export const text = (value: string): StreamPart => ({ type: "text-delta", text: value });

export const finish = (finishReason: "stop" | "length" | "tool-calls" | "content-filter" = "stop"): StreamPart =>
  ({ type: "finish", finishReason, usage: { inputTokens: 3, outputTokens: 2 } });

export const toolCall = (id: string, name: string, argumentsText = "{}"): readonly StreamPart[] => [
  { type: "tool-call-start", id, name },
  { type: "tool-call-delta", id, argumentsText },
  { type: "tool-call-end", id },
];

/** The smallest request, with what this one has more. */
export const requestOf = (changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "test",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  tools: [],
  toolChoice: "auto",
  sampling: {},
  ignoredOptions: [],
  ...changes,
});
