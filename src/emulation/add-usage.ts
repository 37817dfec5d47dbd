import type { Usage } from "../chat/part.ts";

/** What several questions cost together; unknown where one of them is. */
export const addUsage = (usages: readonly (Usage | undefined)[]): Usage | undefined => {
  let [inputTokens, outputTokens] = [0, 0];
  for (const usage of usages) {
    if (usage === undefined) return undefined;
    inputTokens += usage.inputTokens;
    outputTokens += usage.outputTokens;
  }
  return { inputTokens, outputTokens };
};
