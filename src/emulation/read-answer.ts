import { createCollector, type Batches, type ChatResult } from "../chat/call.ts";
import type { StreamPart } from "../chat/part.ts";

/** An answer that has been waited for to its end: as it came, and folded. */
export interface ReadAnswer {
  readonly parts: readonly StreamPart[];
  readonly result: ChatResult;
}

/** Reads an answer to its end before anybody gets a part of it. Throws what the host throws, and `CutAnswerError`. */
export const readAnswer = async (batches: Batches): Promise<ReadAnswer> => {
  const parts: StreamPart[] = [];
  const collector = createCollector();
  for await (const batch of batches) {
    parts.push(...batch);
    collector.add(batch);
  }
  return { parts, result: collector.result() };
};
