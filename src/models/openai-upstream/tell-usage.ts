import type { Batch } from "../../chat/call.ts";
import { createUsageCounter } from "../../chat/count-usage.ts";
import type { Finish } from "../../chat/part.ts";
import type { ChatRequest } from "../../chat/request.ts";
import type { Clock } from "../../services.ts";

/** Knows which models of one upstream tell their usage, and counts where an answer does not. */
export interface UsageTeller {
  /** Follows one answer, from before it is asked for. */
  follow(request: ChatRequest, model: string): AnswerUsage;
}

export interface AnswerUsage {
  /** What is known before the answer: that its usage will be an estimate, because that of earlier ones was. */
  readonly warnings: readonly string[];
  /** The same parts; a `finish` among them has a usage where one can be had. To be asked for each batch, in order. */
  complete(batch: Batch): Batch | Promise<Batch>;
}

/**
 * A model that has told its usage once will hardly need to be counted for: nothing of its answers is until one does not tell.
 * What is counted here is an estimate, for each model cuts text into tokens of its own, and is said to be one.
 */
export const createUsageTeller = (upstream: string, countTokens: (text: string) => Promise<number>, clock: Clock): UsageTeller => {
  // Learnt from answers alone: names are the client's to invent, models are not.
  const telling = new Set<string>();
  const estimated = new Set<string>();
  const warning = `the upstream ${upstream} tells no usage: what is told is an estimate`;
  return {
    follow(request, model) {
      const tellsUsage = telling.has(model);
      const warnings = estimated.has(model) && !tellsUsage ? [warning] : [];
      const counter = createUsageCounter(request, countTokens, clock, { isUnlikely: tellsUsage });
      const estimate = async (batch: Batch, finish: Finish): Promise<Batch> => {
        const usage = await counter.count();
        if (usage === undefined) return batch;
        estimated.add(model);
        return [...batch.slice(0, -1), ...(warnings.length === 0 ? [{ type: "warning" as const, message: warning }] : []), { ...finish, usage }];
      };
      return {
        warnings,
        complete(batch) {
          counter.add(batch);
          const last = batch.at(-1);
          if (last?.type !== "finish") return batch;
          if (last.usage === undefined) return estimate(batch, last);
          telling.add(model);
          return batch;
        },
      };
    },
  };
};
