import type { Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { StreamPart } from "../chat/part.ts";
import type { ChatRequest } from "../chat/request.ts";
import { createUsageCounter } from "../chat/count-usage.ts";
import type { Emulation, EmulationContext } from "./emulation.ts";
import { createStopCutter, type StopCutter } from "./stop-cutter.ts";

/**
 * Ends an answer before the first stop sequence in its text, also where that lies across parts, and stops the model there.
 * Reasoning and the arguments of tools are not searched. What a model has said up to the cut is counted, because one that
 * was stopped tells no usage.
 */
export const stopSequences: Emulation = {
  isNeeded: ({ stopSequences: sequences = [] }, can) => sequences.length > (can.has("stop-sequences") ? mostOfHost : 0),
  around: (call, context) => ({ stopSequences: sequences = [], ...request }, callContext) =>
    cut(call, request, callContext, createStopCutter(sequences), context),
};

/** OpenAI's servers refuse a request with more. */
const mostOfHost = 4;

async function* cut(call: ChatCall, request: ChatRequest, callContext: CallContext, cutter: StopCutter, { clock, countTokens, estimatesTokens }: EmulationContext): Batches {
  const counter = createUsageCounter(request, (text) => countTokens(text, callContext.signal), clock);
  // Leaving the loop stops the model, and comes before the wait for its count.
  for await (const batch of call(request, callContext)) {
    const parts = cutBatch(batch, cutter);
    counter.add(parts);
    if (parts.length > 0) yield parts;
    if (cutter.found !== undefined) break;
  }
  if (cutter.found === undefined) return;
  const usage = await counter.count();
  if (usage !== undefined && estimatesTokens) yield [{ type: "warning", message: "the usage of an answer that is ended at a stop sequence here is an estimate" }];
  yield [{ type: "finish", finishReason: "stop", stopSequence: cutter.found, ...(usage === undefined ? {} : { usage }) }];
}

const cutBatch = (batch: readonly StreamPart[], cutter: StopCutter): readonly StreamPart[] => {
  const parts: StreamPart[] = [];
  const add = (text: string): void => {
    if (text !== "") parts.push({ type: "text-delta", text });
  };
  for (const part of batch) {
    if (part.type === "text-delta") add(cutter.next(part.text));
    else {
      // What comes after a tool call is another text; before that, what is held back has its place.
      if (part.type === "tool-call-start" || part.type === "finish") add(cutter.rest());
      parts.push(part);
    }
    if (cutter.found !== undefined) break;
  }
  return parts;
};
