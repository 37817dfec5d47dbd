import type { Batch } from "../chat/call.ts";
import type { StreamPart } from "../chat/part.ts";

/** Between a model that cannot be slowed and a client that may be slow. One writer, one reader. */
export interface PartQueue {
  /** Adds parts. Calls `onOverflow` once where more than `maxBytes` wait, and takes none from then on. */
  push(parts: readonly StreamPart[]): void;
  /** No more will come: the reader gets what waits, then the end. */
  end(): void;
  /** No more will come: the reader gets what waits, then the error. */
  fail(error: Error): void;
  /** No more is wanted: what waits is dropped and the reader is let go at once. */
  close(): void;
  /**
   * All that came in one turn of the event loop, or in all the turns since the reader was here last; the very first part
   * at once. Nothing = the end. Throws what `fail` was told.
   */
  take(): Promise<Batch | undefined>;
  /** Whether anything has been pushed. */
  readonly hasBegun: boolean;
}

export interface PartQueueOptions {
  /** What may wait, in bytes of memory by rough count. */
  readonly maxBytes: number;
  /** Gives the error that the reader gets in place of what waited. */
  readonly onOverflow: () => Error;
}

export const createPartQueue = ({ maxBytes, onOverflow }: PartQueueOptions): PartQueue => {
  let waiting: StreamPart[] = [];
  let bytes = 0;
  let hasBegun = false;
  /** Whether the reader may have what waits: the turn in which it came is over. */
  let isReady = false;
  let ending: { readonly error?: Error } | undefined;
  let wake: (() => void) | undefined;

  const release = (): void => {
    isReady = true;
    wake?.();
    wake = undefined;
  };
  const finish = (how: { readonly error?: Error }): void => {
    if (ending !== undefined) return;
    ending = how;
    release();
  };
  const drop = (): void => {
    waiting = [];
    bytes = 0;
  };
  return {
    push(parts) {
      if (ending !== undefined || parts.length === 0) return;
      const isFirstOfTurn = waiting.length === 0;
      for (const part of parts) {
        waiting.push(part);
        bytes += weigh(part);
      }
      if (bytes > maxBytes) {
        drop();
        return finish({ error: onOverflow() });
      }
      if (!hasBegun) release();
      else if (isFirstOfTurn) setImmediate(release);
      hasBegun = true;
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    close() {
      drop();
      finish({});
    },
    async take() {
      if (!isReady) await new Promise<void>((resolve) => (wake = resolve));
      if (waiting.length === 0) {
        if (ending?.error !== undefined) throw ending.error;
        return undefined;
      }
      const batch = waiting;
      drop();
      isReady = ending !== undefined;
      return batch;
    },
    get hasBegun() {
      return hasBegun;
    },
  };
};

/** A part's object and its entry in a list, about. */
const partBytes = 100;

/** Two bytes a character is what a text that is not Latin takes. */
const weigh = (part: StreamPart): number => {
  switch (part.type) {
    case "text-delta": case "reasoning-delta": return partBytes + 2 * part.text.length;
    case "tool-call-delta": return partBytes + 2 * part.argumentsText.length;
    default: return partBytes;
  }
};
