import { isContent, type FinishReason, type StreamPart, type Usage } from "./part.ts";
import type { ChatRequest, ToolCall } from "./request.ts";
import type { StopSignal } from "./stop-signal.ts";

/** All parts that arrived in one turn; never empty. */
export type Batch = readonly StreamPart[];
export type Batches = AsyncIterable<Batch>;

export interface CallContext {
  /** Aborts when the client has left or a policy gave up. The host stops its model and ends or throws; either is fine. */
  readonly signal: StopSignal;
  /** Is told of headers that the answer should carry, such as a server's own limits, before its first batch. Lower-case names. */
  readonly onHeaders?: (headers: Readonly<Record<string, string>>) => void;
}

/**
 * Asks a model. Calling it starts nothing: the model is asked when the first batch is. Throws while iterating, before the
 * first batch for an answer that never began. Leaving the loop early runs the host's `finally`, which stops the model.
 */
export type ChatCall = (request: ChatRequest, context: CallContext) => Batches;

/** An answer that has begun: its first batches up to and with the first content part, and the host's own iterator for the rest. */
export interface BegunAnswer {
  readonly first: Batch;
  readonly rest: AsyncIterator<Batch>;
}

/** Asks a model, or several in turn, and waits until an answer has begun. From then on nobody stands between it and its reader. */
export type Ask = (request: ChatRequest, context: AskContext) => Promise<BegunAnswer>;

export interface AskContext extends CallContext {
  readonly story: AskStory;
}

/** Is told how the asking of models goes, of which the client only sees the end. Models are named `vendor/id`. */
export interface AskStory {
  asked(model: string): void;
  /** After a failure the same model is asked again, in `waitMs`. */
  retried(failure: unknown, waitMs: number): void;
  /** After a failure another model is asked. */
  fellBack(failure: unknown, next: string): void;
  /** A model has failed so often that others are asked before it for a while. */
  leftAlone(model: string): void;
}

/**
 * Waits for the first content part. What comes before it (warnings) is in `first` too. The rest is the host's own
 * iterator and not a generator around it: a layer would cost each part a quarter of what it costs in all.
 * Throws what the host throws, and an `Error` named `EmptyAnswerError` when it ends without a content part.
 * @param signal once it has aborted, an answer that begins all the same is let go
 */
export const peekFirst = async (batches: Batches, signal?: StopSignal): Promise<BegunAnswer> => {
  const rest = batches[Symbol.asyncIterator]();
  let first: Batch = [];
  for (;;) {
    const next = await rest.next();
    if (signal?.aborted === true) {
      letGo(rest);
      throw signal.reason;
    }
    if (next.done === true) throw new EmptyAnswerError();
    first = first.length === 0 ? next.value : [...first, ...next.value];
    if (next.value.some(isContent)) return { first, rest };
  }
};

/** The model ended its answer before it began one. Safe to ask again. */
export class EmptyAnswerError extends Error {
  override readonly name = "EmptyAnswerError";
  constructor() {
    super("The model ended its answer without a single part.");
  }
}

/** A whole answer, folded from its parts. */
export interface ChatResult {
  readonly text: string;
  readonly reasoning: string;
  /** Why the model will not answer, in its words; empty where it did. */
  readonly refusal: string;
  readonly toolCalls: readonly ToolCall[];
  readonly warnings: readonly string[];
  readonly finishReason: FinishReason;
  /** Which stop sequence ended the answer, where that is known. */
  readonly stopSequence: string | undefined;
  /** Of all choices together. */
  readonly usage: Usage | undefined;
  /** Choices 1 and up; empty where one was asked for. */
  readonly furtherChoices: readonly ChatResult[];
}

export interface Collector {
  add(batch: Batch): void;
  result(): ChatResult;
}

/** Folds batches, one after another, into one result. `result()` throws `CutAnswerError` where no `finish` part came. */
export const createCollector = (): Collector => {
  let text = "";
  let reasoning = "";
  let refusal = "";
  const furtherChoices: Collector[] = [];
  const toolCalls: { id: string; name: string; argumentsText: string }[] = [];
  const warnings: string[] = [];
  let finish: Extract<StreamPart, { type: "finish" }> | undefined;

  const addPart = (part: StreamPart): void => {
    switch (part.type) {
      case "text-delta": text += part.text; break;
      case "reasoning-delta": reasoning += part.text; break;
      case "refusal-delta": refusal += part.text; break;
      case "tool-call-start": toolCalls.push({ id: part.id, name: part.name, argumentsText: "" }); break;
      case "tool-call-delta": {
        // Some models give two calls the same id: the second must not swallow the first.
        const call = toolCalls.findLast(({ id }) => id === part.id);
        if (call !== undefined) call.argumentsText += part.argumentsText;
        break;
      }
      case "tool-call-end": break;
      case "warning": warnings.push(part.message); break;
      case "choice": (furtherChoices[part.index - 1] ??= createCollector()).add([part.part]); break;
      case "finish": finish = part; break;
    }
  };
  return {
    add(batch) {
      for (const part of batch) addPart(part);
    },
    result() {
      if (finish === undefined) throw new CutAnswerError();
      const { finishReason, stopSequence, usage } = finish;
      return {
        text, reasoning, refusal, toolCalls, warnings, finishReason, stopSequence, usage,
        furtherChoices: furtherChoices.map((choice) => choice.result()),
      };
    },
  };
};

/** The model's answer stopped without saying that it was finished: what came so far must not look whole. */
export class CutAnswerError extends Error {
  override readonly name = "CutAnswerError";
  constructor() {
    super("The model's answer ended in the middle.");
  }
}

/** Is told who keeps an answer waiting: before each wait for the model, and after it. */
export interface WaitWatcher {
  waitForModel(): void;
  /** @param partCount how many parts were waited for */
  resumed(partCount: number): void;
}

/** The whole answer, for one that has come in one batch, and lets its host go; absent where there is more to wait for. */
export const wholeAnswer = ({ first, rest }: BegunAnswer): ChatResult | undefined => {
  if (first.at(-1)?.type !== "finish") return undefined;
  letGo(rest);
  const collector = createCollector();
  collector.add(first);
  return collector.result();
};

/** The whole answer at once; throws what the host throws. The host's iterator is left where it stands. */
export const collect = async ({ first, rest }: BegunAnswer, watcher?: WaitWatcher): Promise<ChatResult> => {
  const collector = createCollector();
  collector.add(first);
  for (let batch = first; batch.at(-1)?.type !== "finish";) {
    watcher?.waitForModel();
    const next = await rest.next();
    watcher?.resumed(next.done === true ? 0 : next.value.length);
    if (next.done === true) break;
    batch = next.value;
    collector.add(batch);
  }
  return collector.result();
};

/** Tells a host that nobody reads on, so that it runs its `finally`. Nobody waits for it, nor hears of a failure there. */
export const letGo = (rest: AsyncIterator<Batch>): void => void rest.return?.()?.catch(() => {});

/**
 * What `work` gives, or the signal's reason the moment it aborts: nobody waits for a model that cannot be stopped.
 * @param onEnd runs before, however it ends; once
 */
export const untilAborted = <Result>(work: Promise<Result>, signal: StopSignal, onEnd?: () => void): Promise<Result> =>
  new Promise((resolve, reject) => {
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      signal.removeEventListener("abort", stop);
      onEnd?.();
    };
    const stop = (): void => {
      end();
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
    const settle = <Value>(then: (value: Value) => void) => (value: Value): void => {
      end();
      then(value);
    };
    work.then(settle(resolve), settle(reject));
  });
