import type { ChatResult } from "../../chat/call.ts";
import type { ChoicePart, FinishReason, Usage } from "../../chat/part.ts";
import { joinCharacters, type CharacterJoiner } from "../characters.ts";
import type { AnswerFacts, Emit, StreamEncoder } from "../protocol.ts";
import type { CompletionOptions } from "./decode-completion.ts";
import { encodeError } from "./encode-error.ts";
import { encodeUsage, wireFinishReason } from "./encode-result.ts";
import type { WireTextChoice, WireTextCompletion } from "./wire.ts";

/** The JSON text of a whole completion of the older kind. */
export const encodeCompletion = (result: ChatResult, answer: AnswerFacts, { prefix }: CompletionOptions): string => {
  const completion: WireTextCompletion = {
    ...head(answer),
    choices: [result, ...result.furtherChoices].map(({ text, refusal, finishReason }, index) =>
      choice(index, (prefix + text + refusal).toWellFormed(), finishReason)),
    ...(result.usage === undefined ? {} : { usage: encodeUsage(result.usage) }),
  };
  return JSON.stringify(completion);
};

/** Chunks have the shape of the whole, each with a piece of the text. */
export const encodeCompletionStream = (answer: AnswerFacts, { includesUsage, prefix }: CompletionOptions): StreamEncoder => {
  const texts: CharacterJoiner[] = [];
  let usage: Usage | undefined;
  const write = (choices: readonly WireTextChoice[], emit: Emit): void =>
    emit(JSON.stringify({ ...head(answer), choices, ...(includesUsage ? { usage: null } : {}) }));
  const joinerOf = (index: number, emit: Emit): CharacterJoiner => {
    if (texts[index] === undefined && prefix !== "") write([choice(index, prefix)], emit);
    return (texts[index] ??= joinCharacters());
  };
  const encodePart = (index: number, part: ChoicePart["part"], emit: Emit): void => {
    const text = joinerOf(index, emit);
    if (part.type === "text-delta" || part.type === "refusal-delta") {
      const piece = text.next(part.text);
      if (piece !== "") write([choice(index, piece)], emit);
    } else if (part.type === "finish") {
      if (index === 0) ({ usage } = part);
      write([choice(index, text.rest(), part.finishReason)], emit);
    }
  };
  return {
    encode(batch, emit) {
      for (const part of batch) {
        if (part.type === "choice") encodePart(part.index, part.part, emit);
        else if (part.type !== "warning") encodePart(0, part, emit);
      }
    },
    end(emit) {
      if (includesUsage) emit(JSON.stringify({ ...head(answer), choices: [], usage: usage === undefined ? null : encodeUsage(usage) }));
      emit("[DONE]");
    },
    // Without [DONE]: a client that overlooks the error must not see a clean end.
    fail: (error, emit) => emit(encodeError(error)),
  };
};

const head = ({ id, createdSeconds, model, fingerprint }: AnswerFacts): Omit<WireTextCompletion, "choices" | "usage"> => ({
  id: `cmpl-${id}`,
  object: "text_completion",
  created: createdSeconds,
  model,
  ...(fingerprint === undefined ? {} : { system_fingerprint: fingerprint }),
});

const choice = (index: number, text: string, reason?: FinishReason): WireTextChoice =>
  ({ text, index, logprobs: null, finish_reason: reason === undefined ? null : wireFinishReason(reason) });
