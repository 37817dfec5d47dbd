import type { CallEvent, EventName, Journal, ModelCall } from "../models.ts";

/** What a call was asked, before anything happened to it. */
export type Description = Omit<ModelCall, "number" | "events">;

/** What happened, in one order over all calls and with the clock of the extension host; and where scripts wait for the test. */
export interface Recorder extends Journal {
  /** A new call, just started; gives what notes the rest. */
  begin(description: Description): (event: EventName) => void;
  /** Until the next `resume`. */
  pause(): Promise<void>;
  resume(): void;
  clear(): void;
}

export const createRecorder = (): Recorder => {
  const calls: (ModelCall & { events: CallEvent[] })[] = [];
  const lookers = new Set<() => void>();
  const paused: (() => void)[] = [];
  let order = 0;

  const find = (event: EventName, number?: number): CallEvent | undefined =>
    calls
      .filter((call) => number === undefined || call.number === number)
      .flatMap((call) => call.events)
      .find((entry) => entry.event === event);

  const resume = (): void => {
    for (const goOn of paused.splice(0)) goOn();
  };

  return {
    calls,
    resume,
    begin(description) {
      const call = { number: calls.length + 1, ...description, events: [] as CallEvent[] };
      calls.push(call);
      const note = (event: EventName): void => {
        call.events.push({ event, call: call.number, order: ++order, atMs: performance.now() });
        for (const look of lookers) look();
      };
      note("started");
      return note;
    },
    until: (event, number) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = find(event, number);
          if (found === undefined) return void lookers.add(look);
          lookers.delete(look);
          resolve(found);
        };
        look();
      }),
    pause: () => new Promise((resolve) => paused.push(resolve)),
    clear() {
      resume();
      calls.length = 0;
      lookers.clear();
    },
  };
};
