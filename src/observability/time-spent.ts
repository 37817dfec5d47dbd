import type { ExchangeRecord } from "../policies/policy.ts";
import type { Clock } from "../services.ts";
import { createRecent, type Spans } from "./recent.ts";

/** Where the time of requests to models went, in milliseconds. */
export interface TimeSpent {
  /** From their arrival to the end of their answer. */
  readonly duration: Spans;
  /** Until every policy had let them in. */
  readonly admission: Spans;
  /** Until it was known which model to ask, once they were read. */
  readonly choice: Spans;
  /** From their arrival to the first part of their answer. */
  readonly timeToFirstToken: Spans;
  /** For each part of their answer after the first. */
  readonly timePerPart: Spans;
  /** All but waiting for the model and the client. */
  readonly overhead: Spans;
}

export interface TimeSpentFigures {
  observe(record: ExchangeRecord, durationMs: number, overheadMs: number): void;
  summary(): TimeSpent;
}

export const createTimeSpent = (clock: Pick<Clock, "monotonic">): TimeSpentFigures => {
  const spans = {
    duration: createRecent(clock),
    admission: createRecent(clock),
    choice: createRecent(clock),
    timeToFirstToken: createRecent(clock),
    timePerPart: createRecent(clock),
    overhead: createRecent(clock),
  };
  return {
    observe(record, durationMs, overheadMs) {
      const now = clock.monotonic();
      const { admittedMs, readMs, chosenMs, firstPartMs, partCount = 0 } = record;
      spans.duration.observe(durationMs, now);
      spans.overhead.observe(overheadMs, now);
      if (admittedMs !== undefined) spans.admission.observe(admittedMs, now);
      if (chosenMs !== undefined) spans.choice.observe(chosenMs - (readMs ?? admittedMs ?? 0), now);
      if (firstPartMs === undefined) return;
      spans.timeToFirstToken.observe(firstPartMs, now);
      // The first has its own time, and the end is none.
      const later = partCount - 2;
      if (later > 0) spans.timePerPart.observe((durationMs - firstPartMs) / later, now);
    },
    summary: () => ({
      duration: spans.duration.summary(),
      admission: spans.admission.summary(),
      choice: spans.choice.summary(),
      timeToFirstToken: spans.timeToFirstToken.summary(),
      timePerPart: spans.timePerPart.summary(),
      overhead: spans.overhead.summary(),
    }),
  };
};
