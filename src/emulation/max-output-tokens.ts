import type { Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { StreamPart } from "../chat/part.ts";
import type { ChatRequest } from "../chat/request.ts";
import { createUsageCounter } from "../chat/count-usage.ts";
import type { Emulation, EmulationContext } from "./emulation.ts";
import { createOutputGauge, type OutputGauge } from "./output-gauge.ts";

/**
 * Ends an answer once its text and reasoning have as many tokens as were asked for, by the model's own count, and stops the
 * model there. A tool call is never cut: half of its arguments would be of no use. The host gets the limit all the same, as
 * a hint.
 */
export const maxOutputTokens: Emulation = {
  isNeeded: ({ maxOutputTokens: limit }, can) => limit !== undefined && !can.has("max-output-tokens"),
  around: (call, context) => (request, callContext) => limitOutput(call, request, callContext, context),
};

async function* limitOutput(call: ChatCall, request: ChatRequest, callContext: CallContext, { clock, countTokens }: EmulationContext): Batches {
  const count = async (text: string): Promise<number> => countTokens(text, callContext.signal);
  const gauge = createOutputGauge(request.maxOutputTokens ?? Infinity, count);
  const counter = createUsageCounter(request, count, clock);
  let isCut = false;
  for await (const batch of call(request, callContext)) {
    const fitting = await fitBatch(batch, gauge);
    counter.add(fitting.parts);
    if (fitting.parts.length > 0) yield fitting.parts;
    isCut = fitting.isCut;
    if (isCut) break;
  }
  if (!isCut) return;
  const usage = await counter.count();
  yield [{ type: "finish", finishReason: "length", ...(usage === undefined ? {} : { usage }) }];
}

const fitBatch = async (batch: readonly StreamPart[], gauge: OutputGauge): Promise<{ readonly parts: readonly StreamPart[]; readonly isCut: boolean }> => {
  const parts: StreamPart[] = [];
  for (const part of batch) {
    if (part.type !== "text-delta" && part.type !== "reasoning-delta") {
      parts.push(part);
      continue;
    }
    const text = await gauge.fit(part.text);
    if (text !== "") parts.push({ ...part, text });
    if (text !== part.text) return { parts, isCut: true };
  }
  return { parts, isCut: false };
};
