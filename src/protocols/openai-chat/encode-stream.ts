import type { Batch } from "../../chat/call.ts";
import type { Finish, StreamPart, ToolCallStart, Usage } from "../../chat/part.ts";
import type { ProxyError } from "../../errors.ts";
import { joinCharacters, type CharacterJoiner } from "../characters.ts";
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
  const text = joinCharacters();
  const reasoning = joinCharacters();
  const calls = new Map<string, { readonly index: number; readonly argumentsText: CharacterJoiner }>();
  let callCount = 0;
  let hasRole = false;
  let usage: Usage | undefined;

  const delta = (fields: string): string => `${head}[{"index":0,"delta":{${fields}${deltaEnd}`;
  const toolDelta = (index: number, fields: string): string => delta(`"tool_calls":[{"index":${index},${fields}}]`);
  const emitText = (piece: string, emit: Emit): void => {
    if (piece !== "") emit(textStart + JSON.stringify(piece) + deltaEnd);
  };
  const emitReasoning = (piece: string, emit: Emit): void => {
    if (piece !== "") emit(delta(`"reasoning_content":${JSON.stringify(piece)}`));
  };
  const startCall = ({ id, name }: ToolCallStart, emit: Emit): void => {
    const index = callCount++;
    calls.set(id, { index, argumentsText: joinCharacters() });
    emit(toolDelta(index, `"id":${JSON.stringify(id)},"type":"function","function":{"name":${JSON.stringify(name)},"arguments":""}`));
  };
  const emitArguments = (id: string, take: (joiner: CharacterJoiner) => string, emit: Emit): void => {
    const call = calls.get(id);
    const piece = call === undefined ? "" : take(call.argumentsText);
    if (call !== undefined && piece !== "") emit(toolDelta(call.index, `"function":{"arguments":${JSON.stringify(piece)}}`));
  };
  const finish = (part: Finish, emit: Emit): void => {
    emitReasoning(reasoning.rest(), emit);
    emitText(text.rest(), emit);
    usage = part.usage;
    emit(`${head}[{"index":0,"delta":{},"logprobs":null,"finish_reason":"${wireFinishReason[part.finishReason]}"}]${tail}`);
  };

  const encodePart = (part: StreamPart, emit: Emit): void => {
    switch (part.type) {
      case "text-delta": emitText(text.next(part.text), emit); break;
      case "reasoning-delta": emitReasoning(reasoning.next(part.text), emit); break;
      case "tool-call-start": startCall(part, emit); break;
      case "tool-call-delta": emitArguments(part.id, (joiner) => joiner.next(part.argumentsText), emit); break;
      case "tool-call-end": emitArguments(part.id, (joiner) => joiner.rest(), emit); break;
      case "finish": finish(part, emit); break;
      case "warning": break;
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
