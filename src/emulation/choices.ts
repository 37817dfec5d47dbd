import type { Batch, Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { Finish, StreamPart, Usage } from "../chat/part.ts";
import type { ChatRequest } from "../chat/request.ts";
import { StopController, whenAborted } from "../chat/stop-signal.ts";
import { addUsage } from "./add-usage.ts";
import type { Emulation } from "./emulation.ts";

/**
 * Several answers to one request: as many questions at once, their parts told apart as `choice` parts. The first choice's
 * `finish` is held back until all have ended, and has the usage of all. Where one fails, the request has failed: a client
 * that asked for three answers has no use for an end after two.
 */
export const choices: Emulation = {
  isNeeded: ({ choiceCount = 1 }) => choiceCount > 1,
  around: (call) => ({ choiceCount = 1, ...request }, context) => answerTimes(choiceCount, call, request, context),
};

async function* answerTimes(count: number, call: ChatCall, request: ChatRequest, outer: CallContext): Batches {
  const stop = new StopController();
  whenAborted(outer.signal, (reason) => stop.abort(reason));
  const context: CallContext = { ...outer, signal: stop };
  const running = Array.from({ length: count }, (_, index) => new Choice(index, call(request, context)));
  const usages: (Usage | undefined)[] = [];
  let finish: Finish | undefined;
  try {
    for (let open = running; open.length > 0; open = open.filter((choice) => !choice.hasEnded)) {
      const choice = await Promise.race(open.map((one) => one.ready()));
      const batch = await choice.take();
      const parts: StreamPart[] = [];
      for (const part of batch) {
        if (part.type === "finish") usages.push(part.usage);
        if (part.type === "finish" && choice.index === 0) finish = part;
        else parts.push(...choice.tell(part));
      }
      if (parts.length > 0) yield parts;
    }
    if (finish === undefined || usages.length < count) return;
    const { usage: _, ...reason } = finish;
    const usage = addUsage(usages);
    yield [{ ...reason, ...(usage === undefined ? {} : { usage }) }];
  } finally {
    stop.abort(undefined);
    for (const choice of running) choice.leave();
  }
}

/** One of the answers on its way. */
class Choice {
  readonly index: number;
  hasEnded = false;
  readonly #batches: AsyncIterator<Batch>;
  #next: Promise<IteratorResult<Batch>> | undefined;

  constructor(index: number, batches: Batches) {
    this.index = index;
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Settles when a batch can be taken. Two choices may be ready at once: what is not taken waits. */
  async ready(): Promise<this> {
    await (this.#next ??= this.#batches.next());
    return this;
  }

  /** The next batch; empty at the end. */
  async take(): Promise<Batch> {
    const next = await (this.#next ??= this.#batches.next());
    this.#next = undefined;
    this.hasEnded = next.done === true;
    return next.done === true ? [] : next.value;
  }

  /** The part as one of this choice. All choices warn of the same: the first one's warnings are enough. */
  tell(part: StreamPart): readonly StreamPart[] {
    if (this.index === 0) return [part];
    if (part.type === "warning" || part.type === "choice") return [];
    if (part.type !== "finish") return [{ type: "choice", index: this.index, part }];
    const { usage: _, ...reason } = part;
    return [{ type: "choice", index: this.index, part: reason }];
  }

  /** Nobody waits for it, or is left to tell a failure to. */
  leave(): void {
    this.#next?.catch(() => {});
    void this.#batches.return?.()?.catch(() => {});
  }
}
