import type { ChatResult } from "../../chat/call.ts";
import type { FinishReason, Usage } from "../../chat/part.ts";
import type { AnswerFacts, ModelEntry } from "../protocol.ts";
import type { WireCompletion, WireFinishReason, WireModel, WireUsage } from "./wire.ts";

/** The JSON text of a whole completion. */
export const encodeResult = (result: ChatResult, answer: AnswerFacts): string => {
  const completion: WireCompletion = {
    id: completionId(answer),
    object: "chat.completion",
    created: answer.createdSeconds,
    model: answer.model,
    choices: [{
      index: 0,
      message: encodeMessage(result),
      logprobs: null,
      finish_reason: wireFinishReason[result.finishReason],
    }],
    ...(result.usage === undefined ? {} : { usage: encodeUsage(result.usage) }),
  };
  return JSON.stringify(completion);
};

const encodeMessage = ({ text, reasoning, toolCalls }: ChatResult): WireCompletion["choices"][number]["message"] => ({
  role: "assistant",
  // A message that only calls tools has null here: clients tell "no text" from "empty text" by it.
  // Half a character is valid JSON when escaped, but several languages' parsers refuse it.
  content: text === "" && toolCalls.length > 0 ? null : text.toWellFormed(),
  refusal: null,
  ...(reasoning === "" ? {} : { reasoning_content: reasoning.toWellFormed() }),
  ...(toolCalls.length === 0 ? {} : {
    tool_calls: toolCalls.map(({ id, name, argumentsText }) => ({
      id,
      type: "function" as const,
      function: { name, arguments: argumentsText.toWellFormed() },
    })),
  }),
});

export const completionId = (answer: AnswerFacts): string => `chatcmpl-${answer.id}`;

export const wireFinishReason: Readonly<Record<FinishReason, WireFinishReason>> = {
  "stop": "stop",
  "length": "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
};

export const encodeUsage = ({ inputTokens, outputTokens }: Usage): WireUsage => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});

export const encodeModels = (models: readonly ModelEntry[]): string =>
  JSON.stringify({ object: "list", data: models.map(wireModel) });

export const encodeModel = (model: ModelEntry): string => JSON.stringify(wireModel(model));

const wireModel = ({ id, createdSeconds, owner, description }: ModelEntry): WireModel => ({
  id,
  object: "model",
  created: createdSeconds,
  owned_by: owner ?? "llm-proxy",
  ...(description === undefined ? {} : { description }),
});
