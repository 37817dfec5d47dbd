import type { ChatResult } from "../../chat/call.ts";
import type { FinishReason, Usage } from "../../chat/part.ts";
import type { ToolCall } from "../../chat/request.ts";
import type { AnswerFacts, ModelEntry } from "../protocol.ts";
import type { ChatOptions } from "./decode-request.ts";
import type { WireCompletion, WireFinishReason, WireMessage, WireModel, WireToolCall, WireUsage } from "./wire.ts";

/** The JSON text of a whole completion. */
export const encodeResult = (result: ChatResult, answer: AnswerFacts, { hasFunctionCall }: ChatOptions): string => {
  const completion: WireCompletion = {
    id: completionId(answer),
    object: "chat.completion",
    created: answer.createdSeconds,
    model: answer.model,
    ...(answer.fingerprint === undefined ? {} : { system_fingerprint: answer.fingerprint }),
    choices: [result, ...result.furtherChoices].map((choice, index) => ({
      index,
      message: encodeMessage(choice, hasFunctionCall),
      logprobs: null,
      finish_reason: wireFinishReason(choice.finishReason, hasFunctionCall),
    })),
    ...(result.usage === undefined ? {} : { usage: encodeUsage(result.usage) }),
  };
  return JSON.stringify(completion);
};

const encodeMessage = ({ text, reasoning, refusal, toolCalls }: ChatResult, hasFunctionCall: boolean): WireMessage => ({
  role: "assistant",
  // A message that only calls tools or refuses has null here: clients tell "no text" from "empty text" by it.
  // Half a character is valid JSON when escaped, but several languages' parsers refuse it.
  content: text === "" && (toolCalls.length > 0 || refusal !== "") ? null : text.toWellFormed(),
  refusal: refusal === "" ? null : refusal.toWellFormed(),
  ...(reasoning === "" ? {} : { reasoning_content: reasoning.toWellFormed() }),
  ...encodeCalls(toolCalls, hasFunctionCall),
});

const encodeCalls = (toolCalls: readonly ToolCall[], hasFunctionCall: boolean): Pick<WireMessage, "tool_calls" | "function_call"> => {
  const [first] = toolCalls;
  if (first === undefined) return {};
  if (hasFunctionCall) return { function_call: wireCalled(first) };
  return { tool_calls: toolCalls.map((call) => ({ id: call.id.toWellFormed(), type: "function", function: wireCalled(call) })) };
};

const wireCalled = ({ name, argumentsText }: ToolCall): WireToolCall["function"] => ({ name: name.toWellFormed(), arguments: argumentsText.toWellFormed() });

export const completionId = (answer: AnswerFacts): string => `chatcmpl-${answer.id}`;

/** @param hasFunctionCall whether tools are called in the older way, which has a reason of its own */
export const wireFinishReason = (reason: FinishReason, hasFunctionCall = false): WireFinishReason =>
  (reason === "tool-calls" && hasFunctionCall ? "function_call" : wireFinishReasons[reason]);

const wireFinishReasons: Readonly<Record<FinishReason, WireFinishReason>> = {
  "stop": "stop",
  "length": "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
};

export const encodeUsage = ({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: Usage): WireUsage => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  ...(cachedInputTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
  ...(reasoningTokens === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
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
