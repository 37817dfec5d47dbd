import type { Usage } from "../../chat/part.ts";

/**
 * A usage in OpenAI's words, which Copilot speaks too; nothing where it lacks either count.
 * @see https://platform.openai.com/docs/api-reference/chat/object#chat-object-usage
 */
export const decodeUsage = (value: unknown): Usage | undefined => {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, prompt_tokens_details: input, completion_tokens_details: output } = fieldsOf(value);
  if (!isCount(inputTokens) || !isCount(outputTokens)) return undefined;
  const { cached_tokens: cachedInputTokens } = fieldsOf(input);
  const { reasoning_tokens: reasoningTokens } = fieldsOf(output);
  return {
    inputTokens,
    outputTokens,
    ...(isCount(cachedInputTokens) ? { cachedInputTokens } : {}),
    ...(isCount(reasoningTokens) ? { reasoningTokens } : {}),
  };
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {});

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0;
