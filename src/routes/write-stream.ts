import { CutAnswerError, type Batch, type BegunAnswer } from "../chat/call.ts";
import type { Finish } from "../chat/part.ts";
import type { StreamEncoder } from "../protocols/protocol.ts";
import type { Sink } from "./responder.ts";

/**
 * Carries a begun answer to its end: each batch becomes one write, the first at once, and the next batch is asked for
 * only when the client has read enough. Answers with the `finish` part.
 * @param onWrite is told of each write, for those who watch for silence
 * Throws what the host throws, and `CutAnswerError` when the parts end without a `finish`.
 */
export const writeStream = async ({ first, rest }: BegunAnswer, encoder: StreamEncoder, sink: Sink, onWrite: () => void): Promise<Finish> => {
  let batch: Batch = first;
  for (;;) {
    encoder.encode(batch, sink.emit);
    const drained = sink.flush();
    onWrite();
    if (drained !== undefined) await drained;
    const last = batch.at(-1);
    if (last?.type === "finish") {
      encoder.end(sink.emit);
      sink.end();
      return last;
    }
    const next = await rest.next();
    if (next.done === true) throw new CutAnswerError();
    batch = next.value;
  }
};
