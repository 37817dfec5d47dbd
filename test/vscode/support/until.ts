import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

/**
 * Looks again and again, for what announces itself by no event: what the screen shows, what a log file says.
 * Gives the first value that is right; throws with the last one that was not.
 */
export const until = async <Value>(
  what: string,
  read: () => Value | Promise<Value>,
  isRight: (value: Value) => boolean,
  deadlineMs = 30_000,
): Promise<Value> => {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (isRight(value)) return value;
    if (performance.now() > giveUpAt) throw new Error(`${what}; the last that was seen: ${inspect(value)}`);
    await sleep(25);
  }
};
