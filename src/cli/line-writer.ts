import type { Clock } from "../services.ts";

/** Lines on their way to a file or a terminal. */
export interface LineWriter {
  /** Writes a line soon. @param line without its line break */
  add(line: string): void;
  /** Writes what waits, now. */
  flush(): void;
}

/** Too short for a person to notice; long enough that a busy proxy writes some hundred lines at once. */
const waitMs = 50;

/** What waits at most, in characters. */
const maxWaiting = 65_536;

/**
 * Gathers the lines of a moment into one write: a write for each line would cost a small request as much as all the rest
 * that is done for it. Whoever ends the process has to `flush`.
 */
export const createLineWriter = (write: (text: string) => void, clock: Clock): LineWriter => {
  let waiting: string[] = [];
  let size = 0;
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    if (waiting.length === 0) return;
    const text = `${waiting.join("\n")}\n`;
    waiting = [];
    size = 0;
    write(text);
  };
  return {
    add(line) {
      waiting.push(line);
      size += line.length;
      if (size >= maxWaiting) flush();
      else cancel ??= clock.after(waitMs, flush);
    },
    flush,
  };
};
