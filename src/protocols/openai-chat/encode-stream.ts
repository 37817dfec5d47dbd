import type { Batch } from "../../chat/call.ts";
import type { Finish, StreamPart, Usage } from "../../chat/part.ts";
import type { ProxyError } from "../../errors.ts";
import type { AnswerFacts, Emit, StreamEncoder } from "../protocol.ts";
import type { ChatOptions } from "./decode-request.ts";
import { encodeError } from "./encode-error.ts";
import { completionId, encodeUsage, wireFinishReason } from "./encode-result.ts";

/**
 * Chunks of one streamed completion. What is the same in each chunk is written once, as text: a chunk of text costs one
 * `JSON.stringify` of a string and not one of the whole object.
 */
export const encodeStream = (answer: AnswerFacts, options: ChatOptions): StreamEncoder => {
  const head = `{"id":${JSON.stringify(completionId(answer))},"object":"chat.completion.chunk","created":${answer.createdSeconds}`
    + `,"model":${JSON.stringify(answer.model)},"choices":`;
  // With include_usage every chunk but the last has a null usage, which is how clients know that one will come.
  const tail = options.includesUsage ? ',"usage":null}' : "}";
  const textStart = `${head}[{"index":0,"delta":{"content":`;
  const deltaEnd = `},"logprobs":null,"finish_reason":null}]${tail}`;
  const toolIndexes = new Map<string, number>();
  let hasRole = false;
  let usage: Usage | undefined;

  const delta = (fields: string): string => `${head}[{"index":0,"delta":{${fields}${deltaEnd}`;
  const toolDelta = (id: string, fields: string): string =>
    delta(`"tool_calls":[{"index":${toolIndexes.get(id) ?? 0},${fields}}]`);
  const finishChunk = ({ finishReason }: Finish): string =>
    `${head}[{"index":0,"delta":{},"logprobs":null,"finish_reason":"${wireFinishReason[finishReason]}"}]${tail}`;

  const encodePart = (part: StreamPart, emit: Emit): void => {
    switch (part.type) {
      case "text-delta": emit(textStart + JSON.stringify(part.text) + deltaEnd); break;
      case "reasoning-delta": emit(delta(`"reasoning_content":${JSON.stringify(part.text)}`)); break;
      case "tool-call-start":
        toolIndexes.set(part.id, toolIndexes.size);
        emit(toolDelta(part.id, `"id":${JSON.stringify(part.id)},"type":"function","function":{"name":${JSON.stringify(part.name)},"arguments":""}`));
        break;
      case "tool-call-delta": emit(toolDelta(part.id, `"function":{"arguments":${JSON.stringify(part.argumentsText)}}`)); break;
      case "finish": usage = part.usage; emit(finishChunk(part)); break;
      case "tool-call-end": case "warning": break;
    }
  };
  return {
    encode(batch: Batch, emit: Emit) {
      if (!hasRole) {
        hasRole = true;
        emit(delta('"role":"assistant","content":"","refusal":null'));
      }
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
