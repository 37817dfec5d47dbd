import type { Batch } from "../../chat/call.ts";
import { createUsageCounter } from "../../chat/count-usage.ts";
import type { Finish, Usage } from "../../chat/part.ts";
import type { ChatRequest } from "../../chat/request.ts";
import type { Clock } from "../../services.ts";
import { countTokens } from "./count-tokens.ts";

/** Knows of one upstream whether it tells its usage, and counts for it as long as it does not. */
export interface UsageTeller {
  /** Follows one answer. */
  follow(request: ChatRequest): AnswerUsage;
}

export interface AnswerUsage {
  /** The same parts; a `finish` among them has a usage where one can be had. To be asked for each batch, in order. */
  complete(batch: Batch): Batch | Promise<Batch>;
}

/** An upstream that has told its usage once will do so again: from then on nothing of its answers is kept to be counted. */
export const createUsageTeller = (clock: Clock): UsageTeller => {
  let tellsUsage = false;
  return {
    follow(request) {
      if (tellsUsage) return { complete: (batch) => batch };
      const counter = createUsageCounter(request, countTokens, clock);
      return {
        complete(batch) {
          counter.add(batch);
          const last = batch.at(-1);
          if (last?.type !== "finish") return batch;
          tellsUsage ||= last.usage !== undefined;
          return last.usage === undefined ? withUsage(batch, last, counter.count()) : batch;
        },
      };
    },
  };
};

const withUsage = async (batch: Batch, finish: Finish, counting: Promise<Usage | undefined>): Promise<Batch> => {
  const usage = await counting;
  return usage === undefined ? batch : [...batch.slice(0, -1), { ...finish, usage }];
};
