import type { Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { StreamPart } from "../chat/part.ts";
import type { ChatRequest } from "../chat/request.ts";
import type { Emulation } from "./emulation.ts";

/**
 * Lets the first tool call of an answer through and leaves out the others: in the next turn the model sees one call and
 * its result, and goes on from there.
 */
export const singleToolCall: Emulation = {
  isNeeded: ({ singleToolCall: isAsked, tools }, can) => isAsked === true && tools.length > 0 && !can.has("single-tool-call"),
  around: (call) => (request, context) => letOneThrough(call, request, context),
};

async function* letOneThrough(call: ChatCall, request: ChatRequest, context: CallContext): Batches {
  const isWanted = createFilter();
  for await (const batch of call(request, context)) {
    const parts = batch.filter(isWanted);
    if (parts.length > 0) yield parts;
  }
}

/** Calls may run side by side, and a model may give two of them the same id. */
const createFilter = (): ((part: StreamPart) => boolean) => {
  let first: string | undefined;
  let hasEnded = false;
  return (part) => {
    switch (part.type) {
      case "tool-call-start":
        if (first !== undefined) return false;
        first = part.id;
        return true;
      case "tool-call-delta": return part.id === first && !hasEnded;
      case "tool-call-end": {
        const isFirst = part.id === first && !hasEnded;
        hasEnded ||= isFirst;
        return isFirst;
      }
      default: return true;
    }
  };
};
