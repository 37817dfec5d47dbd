import type { Ability } from "../../src/chat/abilities.ts";
import type { Batch, ChatCall } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import type { ChatRequest } from "../../src/chat/request.ts";
import { emulate } from "../../src/emulation/emulate.ts";
import { ProxyError } from "../../src/errors.ts";
import { createHandClock } from "../support/hand-clock.ts";
import { requestOf } from "../support/played-call.ts";

const never = new AbortController().signal;

/** A model around a call, that counts a token for each character. @param facts what else is known of it */
export const emulated = (call: ChatCall, abilities: readonly Ability[] = [], facts: { readonly estimatesTokens?: boolean } = {}): ChatCall =>
  emulate({ vendor: "test", id: "model", chat: call, abilities, ...facts, countTokens: async (counted) => counted.length }, { clock: createHandClock(), connections: { fetchImage: async ({ url }) => ({ type: "image", mediaType: "image/png", data: Buffer.from(url) }) } });

/** All batches of an answer to the smallest request, with what this one has more. */
export const batchesOf = async (call: ChatCall, changes: Partial<ChatRequest> = {}, signal: AbortSignal = never): Promise<readonly Batch[]> => {
  const batches: Batch[] = [];
  for await (const batch of call(requestOf(changes), { signal })) batches.push(batch);
  return batches;
};

export const partsOf = async (...asked: Parameters<typeof batchesOf>): Promise<readonly StreamPart[]> => (await batchesOf(...asked)).flat();

export const textOf = (parts: readonly StreamPart[]): string => parts.map((part) => (part.type === "text-delta" ? part.text : "")).join("");

export const errorOf = async (work: Promise<unknown>): Promise<ProxyError> => {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof ProxyError) return error;
  throw new Error("No ProxyError was thrown.", { cause: error });
};
