import type { ChoicePart, Finish, ToolCallDelta, ToolCallEnd, ToolCallStart } from "../../chat/part.ts";
import { joinCharacters, type CharacterJoiner } from "../characters.ts";
import type { Emit } from "../protocol.ts";
import { wireFinishReason } from "./encode-result.ts";

/** Writes the chunks of one choice. */
export interface ChoiceEncoder {
  /** The first chunk, which has the role; before any other part, and once. */
  begin(emit: Emit): void;
  /** Begins by itself where nobody did. */
  encode(part: ChoicePart["part"], emit: Emit): void;
}

export interface ChoiceOptions {
  readonly index: number;
  /** The text of a chunk up to its list of choices, and from its end on: the same in every chunk. */
  readonly head: string;
  readonly tail: string;
  /** Whether a tool call is written as the older `function_call`, which has no id and of which there is one. */
  readonly hasFunctionCall: boolean;
}

/**
 * What is the same in each chunk is written once, as text: a chunk of text costs one `JSON.stringify` of a string and not
 * one of the whole object.
 */
export const createChoiceEncoder = ({ index, head, tail, hasFunctionCall }: ChoiceOptions): ChoiceEncoder => {
  const deltaStart = `${head}[{"index":${index},"delta":{`;
  const textStart = `${deltaStart}"content":`;
  const deltaEnd = `},"logprobs":null,"finish_reason":null}]${tail}`;
  const text = joinCharacters();
  const reasoning = joinCharacters();
  const refusal = joinCharacters();
  const calls = new Map<string, { readonly index: number; readonly argumentsText: CharacterJoiner }>();
  const order = createCallOrder();
  let callCount = 0;
  let hasBegun = false;

  const delta = (fields: string): string => deltaStart + fields + deltaEnd;
  const callDelta = (call: number, called: string, facts = ""): string =>
    delta(hasFunctionCall ? `"function_call":{${called}}` : `"tool_calls":[{"index":${call},${facts}"function":{${called}}}]`);
  const begin = (emit: Emit): void => {
    hasBegun = true;
    emit(delta('"role":"assistant","content":"","refusal":null'));
  };
  const emitText = (piece: string, emit: Emit): void => {
    if (piece !== "") emit(textStart + JSON.stringify(piece) + deltaEnd);
  };
  const emitField = (name: string, piece: string, emit: Emit): void => {
    if (piece !== "") emit(delta(`"${name}":${JSON.stringify(piece)}`));
  };
  const startCall = ({ id, name }: ToolCallStart, emit: Emit): void => {
    const call = callCount++;
    calls.set(id, { index: call, argumentsText: joinCharacters() });
    emit(callDelta(call, `"name":${JSON.stringify(name.toWellFormed())},"arguments":""`, `"id":${JSON.stringify(id.toWellFormed())},"type":"function",`));
  };
  const emitArguments = (id: string, take: (joiner: CharacterJoiner) => string, emit: Emit): void => {
    const call = calls.get(id);
    const piece = call === undefined ? "" : take(call.argumentsText);
    if (call !== undefined && piece !== "") emit(callDelta(call.index, `"arguments":${JSON.stringify(piece)}`));
  };
  const encodeCall = (part: CallPart, emit: Emit): void => {
    switch (part.type) {
      case "tool-call-start": startCall(part, emit); break;
      case "tool-call-delta": emitArguments(part.id, (joiner) => joiner.next(part.argumentsText), emit); break;
      case "tool-call-end": emitArguments(part.id, (joiner) => joiner.rest(), emit); break;
    }
  };
  const finish = ({ finishReason }: Finish, emit: Emit): void => {
    emitField("reasoning_content", reasoning.rest(), emit);
    emitField("refusal", refusal.rest(), emit);
    emitText(text.rest(), emit);
    for (const part of order.rest()) encodeCall(part, emit);
    emit(`${head}[{"index":${index},"delta":{},"logprobs":null,"finish_reason":"${wireFinishReason(finishReason, hasFunctionCall)}"}]${tail}`);
  };
  return {
    begin,
    encode(part, emit) {
      if (!hasBegun) begin(emit);
      switch (part.type) {
        case "text-delta": emitText(text.next(part.text), emit); break;
        case "reasoning-delta": emitField("reasoning_content", reasoning.next(part.text), emit); break;
        case "refusal-delta": emitField("refusal", refusal.next(part.text), emit); break;
        case "finish": finish(part, emit); break;
        default: for (const next of order.next(part)) encodeCall(next, emit);
      }
    },
  };
};

type CallPart = ToolCallStart | ToolCallDelta | ToolCallEnd;

/**
 * Lets one call after another through: clients take a call for complete when the next one begins. What comes of a second call
 * while the first is open waits for its end.
 */
const createCallOrder = (): { next(part: CallPart): readonly CallPart[]; rest(): readonly CallPart[] } => {
  let open: string | undefined;
  let waiting: CallPart[] = [];
  const next = (part: CallPart): readonly CallPart[] => {
    const isTurn = open === undefined || (part.id === open && part.type !== "tool-call-start");
    if (!isTurn) {
      waiting.push(part);
      return [];
    }
    if (part.type !== "tool-call-end") open = part.id;
    else if (open !== undefined) return [part, ...goOn()];
    return [part];
  };
  const goOn = (): readonly CallPart[] => {
    open = undefined;
    const parts = waiting;
    waiting = [];
    return parts.flatMap(next);
  };
  return {
    next,
    rest() {
      const parts: CallPart[] = [];
      while (waiting.length > 0) parts.push(...goOn());
      return parts;
    },
  };
};
