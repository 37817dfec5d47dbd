import { newCallId } from "../chat/call-id.ts";
import type { StreamPart, Usage } from "../chat/part.ts";
import { decodeUsage } from "../models/openai-upstream/decode-usage.ts";
import type { LanguageModelApi } from "./language-model-api.ts";

/** Reads the parts of one answer, in order. */
export interface PartDecoder {
  /** What one part of the editor's says in ours; nothing for kinds that are no part of an answer. */
  decode(part: unknown): readonly StreamPart[];
  /** Whether the answer has called a tool so far. */
  readonly hasToolCalls: boolean;
  /** What the provider itself counted; absent until it said so. */
  readonly usage: Usage | undefined;
}

/** The editor passes on instances of its own classes only, so they are what tells the kinds apart. */
export const createPartDecoder = (api: LanguageModelApi): PartDecoder => {
  let usage: Usage | undefined;
  let hasToolCalls = false;
  const isData = isInstance(api.LanguageModelDataPart);
  const isThinking = isInstance(api.LanguageModelThinkingPart);
  return {
    decode(part) {
      if (part instanceof api.LanguageModelTextPart) return textDelta("text-delta", part.value);
      if (isThinking(part)) return textDelta("reasoning-delta", typeof part.value === "string" ? part.value : part.value.join(""));
      if (part instanceof api.LanguageModelToolCallPart) {
        hasToolCalls = true;
        return toolCall(part.callId === "" ? newCallId() : part.callId, part.name, part.input);
      }
      // Other data are a provider's notes to itself, such as its own state for the next turn.
      if (isData(part) && part.mimeType === "usage") usage = readUsage(part.data) ?? usage;
      return [];
    },
    get hasToolCalls() {
      return hasToolCalls;
    },
    get usage() {
      return usage;
    },
  };
};

const isInstance = <Part>(kind: (abstract new (...args: never) => Part) | undefined) =>
  (part: unknown): part is Part => kind !== undefined && part instanceof kind;

/** Providers send empty text to show that they live: it is no part of the answer yet. */
const textDelta = (type: "text-delta" | "reasoning-delta", text: string): readonly StreamPart[] => (text === "" ? [] : [{ type, text }]);

/** A call arrives whole. Some providers hand on its arguments as the text that they got. */
const toolCall = (id: string, name: string, input: unknown): readonly StreamPart[] => [
  { type: "tool-call-start", id, name },
  { type: "tool-call-delta", id, argumentsText: typeof input === "string" ? input : JSON.stringify(input ?? {}) },
  { type: "tool-call-end", id },
];

/** Copilot ends a whole answer with its usage. */
const readUsage = (data: Uint8Array): Usage | undefined => {
  try {
    return decodeUsage(JSON.parse(new TextDecoder().decode(data)));
  } catch {
    return undefined;
  }
};
