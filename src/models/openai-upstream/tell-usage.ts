import type { Batch } from "../../chat/call.ts";
import { createUsageCounter } from "../../chat/count-usage.ts";
import type { Finish } from "../../chat/part.ts";
import type { ChatRequest } from "../../chat/request.ts";
import type { Clock } from "../../services.ts";

/** Knows of one upstream whether it tells its usage, and counts for it as long as it does not. */
export interface UsageTeller {
  /** What is known before an answer: that its usage will be an estimate, because earlier ones were. */
  warnings(): readonly string[];
  /** Follows one answer. */
  follow(request: ChatRequest): AnswerUsage;
}

export interface AnswerUsage {
  /** The same parts; a `finish` among them has a usage where one can be had. To be asked for each batch, in order. */
  complete(batch: Batch): Batch | Promise<Batch>;
}

/**
 * An upstream that has told its usage once will do so again: from then on nothing of its answers is kept to be counted. What
 * is counted here is an estimate, for each model cuts text into tokens of its own, and is said to be one.
 */
export const createUsageTeller = (upstream: string, countTokens: (text: string) => Promise<number>, clock: Clock): UsageTeller => {
  let tellsUsage = false;
  let hasEstimated = false;
  const warning = `the upstream ${upstream} tells no usage: what is told is an estimate`;
  const estimate = async (batch: Batch, finish: Finish, counter: ReturnType<typeof createUsageCounter>): Promise<Batch> => {
    const usage = await counter.count();
    if (usage === undefined) return batch;
    const isFirst = !hasEstimated;
    hasEstimated = true;
    return [...batch.slice(0, -1), ...(isFirst ? [{ type: "warning" as const, message: warning }] : []), { ...finish, usage }];
  };
  return {
    warnings: () => (hasEstimated && !tellsUsage ? [warning] : []),
    follow(request) {
      if (tellsUsage) return { complete: (batch) => batch };
      const counter = createUsageCounter(request, countTokens, clock);
      return {
        complete(batch) {
          counter.add(batch);
          const last = batch.at(-1);
          if (last?.type !== "finish") return batch;
          tellsUsage ||= last.usage !== undefined;
          return last.usage === undefined ? estimate(batch, last, counter) : batch;
        },
      };
    },
  };
};
