import type { StreamPart, Usage } from "./part.ts";
import { textOf, type ChatRequest } from "./request.ts";
import type { Clock } from "../services.ts";

/** Counts an answer that does not tell its own usage. */
export interface UsageCounter {
  add(parts: readonly StreamPart[]): void;
  /** What the request and all that was added have in tokens; absent where the model does not say so within a second. */
  count(): Promise<Usage | undefined>;
}

/** A long answer is counted in pieces of this many characters, and not kept. */
const pieceLength = 32_768;

/** For the client the answer is over but for these two numbers: they are worth no long wait. */
const patienceMs = 1000;

/**
 * @param countTokens the model's own count of a text
 * @param isUnlikely the answer will hardly need to be counted: nothing is until it does, and all of it is kept
 */
export const createUsageCounter = (
  request: ChatRequest, countTokens: (text: string) => PromiseLike<number>, clock: Clock, { isUnlikely = false }: { readonly isUnlikely?: boolean } = {},
): UsageCounter => {
  let text = "";
  const pieces: Promise<number>[] = [];
  // Async, so that a provider that throws is a rejection like any other.
  const countOne = async (piece: string): Promise<number> => {
    const tokens = await countTokens(piece);
    // Providers that have no tokenizer answer 0, and a usage of 0 would be believed.
    if (!(tokens > 0) && piece.trim() !== "") throw new Error("The model does not count.");
    return tokens;
  };
  const countPiece = (): void => {
    if (text === "") return;
    const counted = countOne(text);
    // Who waits for it comes later: until then a failure is nobody's.
    counted.catch(() => {});
    pieces.push(counted);
    text = "";
  };
  const countAll = async (): Promise<Usage> => {
    countPiece();
    const [inputTokens, ...outputs] = await Promise.all([countOne(inputText(request)), ...pieces]);
    return { inputTokens, outputTokens: outputs.reduce((sum, tokens) => sum + tokens, 0) };
  };
  return {
    add(parts) {
      for (const part of parts) text += spoken(part);
      if (text.length >= pieceLength && !isUnlikely) countPiece();
    },
    count: () => new Promise((resolve) => {
      const cancel = clock.after(patienceMs, () => resolve(undefined));
      countAll().then(resolve, () => resolve(undefined)).finally(cancel);
    }),
  };
};

/** What the model wrote of a part. */
const spoken = (part: StreamPart): string => {
  switch (part.type) {
    case "text-delta": case "reasoning-delta": case "refusal-delta": return part.text;
    case "tool-call-start": return part.name;
    case "tool-call-delta": return part.argumentsText;
    default: return "";
  }
};

/** What the model reads of a request, but for images. */
const inputText = ({ messages, tools, toolChoice }: ChatRequest): string => {
  const texts = messages.flatMap((message) =>
    (message.role === "assistant" ? [textOf(message), ...message.toolCalls.flatMap(({ name, argumentsText }) => [name, argumentsText])] : [textOf(message)]));
  return [...texts, ...(toolChoice === "none" || tools.length === 0 ? [] : [JSON.stringify(tools)])].join("\n");
};
