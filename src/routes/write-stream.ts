import { CutAnswerError, type Batch, type BegunAnswer, type WaitWatcher } from "../chat/call.ts";
import type { StopSignal } from "../chat/stop-signal.ts";
import type { Finish } from "../chat/part.ts";
import type { StreamEncoder } from "../protocols/protocol.ts";
import type { Sink } from "./responder.ts";

/** Is told how a stream goes on, and who keeps it waiting, each time before it waits and after. */
export interface StreamWatcher extends WaitWatcher {
  /** Once it has aborted, nothing more is written. */
  readonly signal: StopSignal;
  waitForClient(): void;
  /** Before the last write. */
  finished(finish: Finish): void;
}

/**
 * Carries a begun answer to its end: each batch becomes one write, the first at once, and the next batch is asked for
 * only when the client has read enough. Throws what the host throws, the signal's reason, and `CutAnswerError` when the parts
 * end without a `finish`. The host's iterator is left where it stands.
 */
export const writeStream = async ({ first, rest }: BegunAnswer, encoder: StreamEncoder, sink: Sink, watcher: StreamWatcher): Promise<void> => {
  let batch: Batch = first;
  for (;;) {
    encoder.encode(batch, sink.emit);
    const last = batch.at(-1);
    if (last?.type === "finish") {
      watcher.finished(last);
      encoder.end(sink.emit);
      return sink.end();
    }
    const drained = sink.flush();
    if (drained !== undefined) {
      watcher.waitForClient();
      await drained;
      watcher.resumed(0);
      if (watcher.signal.aborted) throw watcher.signal.reason;
    }
    watcher.waitForModel();
    const next = await rest.next();
    watcher.resumed(next.done === true ? 0 : next.value.length);
    if (watcher.signal.aborted) throw watcher.signal.reason;
    if (next.done === true) throw new CutAnswerError();
    batch = next.value;
  }
};
