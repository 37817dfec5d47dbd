import type { Usage } from "../chat/part.ts";

/** What several questions cost together; unknown where one of them is. A detail is told where each of them tells it. */
export const addUsage = (usages: readonly (Usage | undefined)[]): Usage | undefined => {
  let sum: Usage | undefined;
  for (const usage of usages) {
    if (usage === undefined) return undefined;
    sum = sum === undefined ? usage : addTwo(sum, usage);
  }
  return sum;
};

const addTwo = (one: Usage, other: Usage): Usage => ({
  inputTokens: one.inputTokens + other.inputTokens,
  outputTokens: one.outputTokens + other.outputTokens,
  ...(one.cachedInputTokens === undefined || other.cachedInputTokens === undefined ? {} : { cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens }),
  ...(one.reasoningTokens === undefined || other.reasoningTokens === undefined ? {} : { reasoningTokens: one.reasoningTokens + other.reasoningTokens }),
});
