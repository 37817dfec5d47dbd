import type { Clock } from "../services.ts";

/** Lines on their way to a file or a terminal. */
export interface LineWriter {
  /** Writes a line soon. @param line makes it when it is written, without its line break */
  add(line: () => string): void;
  /** Writes what waits, now. */
  flush(): void;
}

/** Too short for a person to notice; long enough that a busy proxy writes some hundred lines at once. */
const waitMs = 50;

/** How many lines wait at most. */
const maxWaiting = 256;

/**
 * Gathers the lines of a moment into one write: to make and write each by itself would cost a small request as much as all
 * the rest that is done for it. Whoever ends the process has to `flush`.
 */
export const createLineWriter = (write: (text: string) => void, clock: Clock): LineWriter => {
  let waiting: (() => string)[] = [];
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    write(`${lines.map((line) => line()).join("\n")}\n`);
  };
  return {
    add(line) {
      waiting.push(line);
      if (waiting.length >= maxWaiting) flush();
      else cancel ??= clock.after(waitMs, flush);
    },
    flush,
  };
};
