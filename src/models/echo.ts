import type { Ability } from "../chat/abilities.ts";
import type { Batch, CallContext, ChatCall } from "../chat/call.ts";
import type { Finish, StreamPart } from "../chat/part.ts";
import { lastUserText, textOf, type ChatRequest } from "../chat/request.ts";
import { modelFailed } from "../errors.ts";
import type { Clock } from "../services.ts";
import { plannedToolCall } from "./echo-tools.ts";
import type { EchoOptions, Model, ModelHost, Target } from "./host.ts";
import { smallestValue } from "./smallest-value.ts";

/**
 * Models without a network: for tests, examples and a first try. They answer with the last user message or with what the
 * target says, at the pace that it says.
 */
export const createEchoHost = (clock: Clock): ModelHost => {
  const models = new WeakMap<Target, Model>();
  return {
    name: "echo",
    resolve(target: Target) {
      if (target.kind !== "echo") return { unavailable: "The echo host answers for echo targets only." };
      const model = models.get(target) ?? createEchoModel(target.echo, clock);
      models.set(target, model);
      return { model };
    },
    listModels: async () => [createEchoModel(defaultEchoOptions, clock)],
    dispose() {},
  };
};

/** `echo: {}` of a configuration. */
export const defaultEchoOptions: EchoOptions = { delayMs: 0, firstTokenMs: 0, partBytes: 20 };

export const createEchoModel = (options: EchoOptions, clock: Clock): Model => ({
  vendor: "echo",
  id: "echo",
  family: "echo",
  version: "1",
  name: "Echo",
  maxInputTokens: 0,
  chat: createEchoCall(options, clock),
  // What it is told to say is not JSON by itself: then it is looked at like anybody's answer.
  abilities: options.reply === undefined && options.parts === undefined ? [...abilities, "response-format"] : abilities,
  countTokens: async (text) => countWords(text),
});

const abilities: readonly Ability[] = ["max-output-tokens", "required-of-many-tools", "single-tool-call", "any-tool-name", "any-number-of-tools"];

const createEchoCall = (options: EchoOptions, clock: Clock): ChatCall =>
  async function* echo(request, context) {
    await pause(options.firstTokenMs, clock, context);
    if (request.ignoredOptions.length > 0) yield request.ignoredOptions.map((name) => ({ type: "warning", message: `${name} is not passed on` }));
    let sent = 0;
    for (const batch of batchesOf(planParts(request, options), options)) {
      if (sent > 0) await pause(options.delayMs, clock, context);
      if (context.signal.aborted) return;
      const left = partsBeforeFailure(options, sent);
      if (left < batch.length) {
        if (left > 0) yield batch.slice(0, left);
        throw modelFailed(`This echo model is set to fail with ${options.fail?.status}.`, options.fail?.status);
      }
      sent += batch.length;
      yield batch;
    }
  };

const partsBeforeFailure = ({ fail }: EchoOptions, sent: number): number => (fail === undefined ? Infinity : fail.after - sent);

/** The parts of an answer one by one, made as they are read: a long answer is never in memory as a whole. */
function* planParts(request: ChatRequest, options: EchoOptions): Generator<StreamPart> {
  const toolCall = plannedToolCall(request);
  if (toolCall !== undefined) {
    const { id, name, argumentsText } = toolCall;
    yield { type: "tool-call-start", id, name };
    yield { type: "tool-call-delta", id, argumentsText };
    yield { type: "tool-call-end", id };
    yield finish(request, "tool-calls", countWords(argumentsText));
    return;
  }
  let outputTokens = 0;
  const limit = request.maxOutputTokens ?? Infinity;
  for (const text of planTexts(request, options)) {
    if (outputTokens >= limit) {
      yield finish(request, "length", outputTokens);
      return;
    }
    outputTokens += 1;
    yield { type: "text-delta", text };
  }
  yield finish(request, "stop", outputTokens);
}

/** The smallest value of the form that was asked for: a client's way from schema to value can be tried with it. */
const formattedReply = ({ responseFormat: format }: ChatRequest): string | undefined =>
  format && JSON.stringify(smallestValue(format.type === "json" ? {} : format.schema));

function* planTexts(request: ChatRequest, { reply, parts, partBytes }: EchoOptions): Generator<string> {
  if (parts === undefined) {
    yield* words(reply ?? formattedReply(request) ?? lastUserText(request));
    return;
  }
  const text = "x".repeat(Math.max(0, partBytes - 1)) + " ";
  for (let part = 0; part < parts; part += 1) yield text;
}

/** What comes without a delay comes at once, in bursts that leave every other request its turn. */
const maxBatchParts = 256;
/** So that one batch of large parts stays far below what a socket buffers. */
const maxBatchBytes = 65_536;

/** One part a batch where there is a delay between parts, else bursts. The finish comes with the last part: no delay lies before it. */
function* batchesOf(parts: Iterable<StreamPart>, { delayMs, partBytes }: EchoOptions): Generator<Batch> {
  const size = delayMs > 0 ? 1 : Math.max(1, Math.min(maxBatchParts, Math.floor(maxBatchBytes / Math.max(1, partBytes))));
  let batch: StreamPart[] = [];
  for (const part of parts) {
    if (batch.length >= size && part.type !== "finish") {
      yield batch;
      batch = [];
    }
    batch.push(part);
  }
  if (batch.length > 0) yield batch;
}

/** Waits, or for 0 lets one turn of the event loop pass. Returns at once when the client leaves. */
const pause = (ms: number, clock: Clock, { signal }: CallContext): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    if (ms === 0) return void setImmediate(resolve);
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });

const finish = (request: ChatRequest, finishReason: Finish["finishReason"], outputTokens: number): Finish => ({
  type: "finish",
  finishReason,
  usage: { inputTokens: request.messages.reduce((sum, message) => sum + countWords(textOf(message)), 0), outputTokens },
});

/** Words with the white space that follows them: joined they are the text again. One by one, because a prompt may have millions. */
function* words(text: string): Generator<string> {
  for (const [word] of text.matchAll(/^\s+|\S+\s*/g)) yield word;
}

const countWords = (text: string): number => {
  const word = /\S+/g;
  let count = 0;
  while (word.test(text)) count += 1;
  return count;
};
