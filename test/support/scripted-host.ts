import type { Batch, CallContext } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import type { ChatRequest } from "../../src/chat/request.ts";
import type { Model, ModelHost, SelectorTarget } from "../../src/models/host.ts";
import type { StopSignal } from "../../src/chat/stop-signal.ts";

/** One question that a model was asked, and the test's hand on its answer. */
export interface ScriptedCall {
  readonly request: ChatRequest;
  readonly signal: StopSignal;
  /** Sends one batch. */
  send(...batch: readonly StreamPart[]): void;
  /** Sends one batch of text, a part for each piece. */
  say(...texts: readonly string[]): void;
  /** Sends the last part, and ends. */
  finish(): void;
  /** Ends without a last part: the answer is cut. */
  end(): void;
  fail(error: unknown): void;
  /** Settles once the call's signal has aborted. */
  readonly aborted: Promise<void>;
  /** Settles once nobody reads any more and the host's `finally` has run. */
  readonly released: Promise<void>;
}

export interface ScriptedHostOptions {
  /** Goes on after its signal has aborted, as some models do. */
  readonly ignoresSignal?: boolean;
}

/** A host whose models answer what a test tells them, when it tells them. It answers for selector targets. */
export interface ScriptedHost extends ModelHost {
  /** The next question that is asked, in order; waits for it. */
  nextCall(): Promise<ScriptedCall>;
  /** How many questions have been asked. */
  readonly callCount: number;
}

type Step = { readonly batch: Batch } | { readonly error: unknown } | "end";

export const usage = { inputTokens: 3, outputTokens: 2 };

export const createScriptedHost = ({ ignoresSignal = false }: ScriptedHostOptions = {}): ScriptedHost => {
  const calls = createQueue<ScriptedCall>();
  let callCount = 0;
  const chat = async function* scripted(request: ChatRequest, { signal }: CallContext): AsyncGenerator<Batch> {
    callCount += 1;
    const steps = createQueue<Step>();
    const aborted = whenAborted(signal);
    const released = Promise.withResolvers<void>();
    calls.put(createCall(request, signal, steps.put, aborted, released.promise));
    try {
      for (;;) {
        const step = await (ignoresSignal ? steps.take() : Promise.race([steps.take(), aborted.then((): Step => "end")]));
        if (step === "end") return;
        if ("error" in step) throw step.error;
        yield step.batch;
      }
    } finally {
      released.resolve();
    }
  };
  return {
    name: "scripted",
    resolve: async (target) => ({ model: { ...scriptedModel, chat, ...idOf(target as SelectorTarget) } }),
    listModels: async () => [{ ...scriptedModel, chat }, { ...scriptedModel, id: "other", chat }],
    dispose() {},
    nextCall: calls.take,
    get callCount() {
      return callCount;
    },
  };
};

const scriptedModel: Omit<Model, "chat"> = {
  vendor: "scripted",
  id: "scripted",
  family: "scripted",
  version: "1",
  name: "Scripted",
  maxInputTokens: 0,
  countTokens: async (text) => text.length,
};

const idOf = ({ id }: SelectorTarget): { id?: string } => (id === undefined ? {} : { id });

const whenAborted = (signal: StopSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

const createCall = (
  request: ChatRequest,
  signal: StopSignal,
  put: (step: Step) => void,
  aborted: Promise<void>,
  released: Promise<void>,
): ScriptedCall => ({
  request,
  signal,
  aborted,
  released,
  send: (...batch) => put({ batch }),
  say: (...texts) => put({ batch: texts.map((text) => ({ type: "text-delta", text })) }),
  finish() {
    put({ batch: [{ type: "finish", finishReason: "stop", usage }] });
    put("end");
  },
  end: () => put("end"),
  fail: (error) => put({ error }),
});

interface Queue<Item> {
  readonly put: (item: Item) => void;
  readonly take: () => Promise<Item>;
}

/** First in, first out; `take` waits for what is not there yet. */
const createQueue = <Item>(): Queue<Item> => {
  const items: Item[] = [];
  const takers: ((item: Item) => void)[] = [];
  return {
    put(item) {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    take: () => (items.length > 0 ? Promise.resolve(items.shift() as Item) : new Promise((resolve) => void takers.push(resolve))),
  };
};
