import type { Batch } from "../../chat/call.ts";
import type { StreamPart, Usage } from "../../chat/part.ts";
import type { ProxyError } from "../../errors.ts";
import type { AnswerFacts, Emit, StreamEncoder } from "../protocol.ts";
import type { ChatOptions } from "./decode-request.ts";
import { createChoiceEncoder, type ChoiceEncoder } from "./encode-choice.ts";
import { encodeError } from "./encode-error.ts";
import { completionId, encodeUsage } from "./encode-result.ts";

/** Chunks of one streamed completion, those of several choices mixed as they come. */
export const encodeStream = (answer: AnswerFacts, options: ChatOptions): StreamEncoder => {
  const head = `{"id":${JSON.stringify(completionId(answer))},"object":"chat.completion.chunk","created":${answer.createdSeconds}`
    + `,"model":${JSON.stringify(answer.model)}${answer.fingerprint === undefined ? "" : `,"system_fingerprint":${JSON.stringify(answer.fingerprint)}`},"choices":`;
  // With include_usage every chunk but the last has a null usage, which is how clients know that one will come.
  const tail = options.includesUsage ? ',"usage":null}' : "}";
  const create = (index: number): ChoiceEncoder => createChoiceEncoder({ index, head, tail, hasFunctionCall: options.hasFunctionCall });
  const first = create(0);
  const others: ChoiceEncoder[] = [];
  let hasBegun = false;
  let usage: Usage | undefined;

  const encodePart = (part: StreamPart, emit: Emit): void => {
    if (part.type === "choice") return (others[part.index - 1] ??= create(part.index)).encode(part.part, emit);
    if (part.type === "finish") usage = part.usage;
    if (part.type !== "warning") first.encode(part, emit);
  };
  return {
    encode(batch: Batch, emit: Emit) {
      if (!hasBegun && batch.length > 0) first.begin(emit);
      hasBegun = true;
      for (const part of batch) encodePart(part, emit);
    },
    end(emit) {
      if (options.includesUsage) emit(`${head}[],"usage":${usage === undefined ? "null" : JSON.stringify(encodeUsage(usage))}}`);
      emit("[DONE]");
    },
    // Without [DONE]: a client that overlooks the error must not see a clean end.
    fail(error: ProxyError, emit: Emit) {
      emit(encodeError(error));
    },
  };
};
