import type { Batch, Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { StreamPart } from "../chat/part.ts";
import type { ChatRequest } from "../chat/request.ts";
import type { Emulation } from "./emulation.ts";

/**
 * Keeps tool calls out of an answer for `tool_choice: "none"`, whatever the host claims: a model that sees none of the tools may
 * still go on calling them, for the conversation shows it how, and some servers do not know the choice.
 */
export const noToolCall: Emulation = {
  isNeeded: ({ toolChoice, tools }) => toolChoice === "none" && tools.length > 0,
  around: (call) => (request, context) => withoutCalls(call, request, context),
};

async function* withoutCalls(call: ChatCall, request: ChatRequest, context: CallContext): Batches {
  for await (const batch of call(request, context)) {
    const parts: Batch = batch.filter(isNoCall).map(endAsWords);
    if (parts.length > 0) yield parts;
  }
}

const isNoCall = ({ type }: StreamPart): boolean => type !== "tool-call-start" && type !== "tool-call-delta" && type !== "tool-call-end";

const endAsWords = (part: StreamPart): StreamPart => (part.type === "finish" && part.finishReason === "tool-calls" ? { ...part, finishReason: "stop" } : part);
