import type { EmbedRequest, EmbedResult } from "../../chat/embedding.ts";
import type { JsonObject, JsonValue } from "../../chat/request.ts";
import { modelFailed } from "../../errors.ts";

/** As lists of numbers, which every server can send; what the client wanted is written from those. */
export const encodeEmbedRequest = ({ inputs, dimensions }: EmbedRequest, model: string): string =>
  JSON.stringify({ model, input: inputs, encoding_format: "float", ...(dimensions === undefined ? {} : { dimensions }) });

/** Throws `modelFailed` (502) for an answer that has not one vector for each input. */
export const decodeEmbedResult = (text: string, { inputs }: EmbedRequest, upstream: string): EmbedResult => {
  const { data, usage } = parse(text);
  const vectors = (Array.isArray(data) ? data as readonly JsonObject[] : [])
    .toSorted((a, b) => Number(a["index"] ?? 0) - Number(b["index"] ?? 0))
    .map(({ embedding }) => embedding)
    .filter(isVector);
  if (vectors.length !== inputs.length) throw modelFailed(`The upstream ${upstream} gave ${vectors.length} vectors for ${inputs.length} inputs.`);
  const { prompt_tokens: inputTokens } = (usage ?? {}) as JsonObject;
  return { vectors, ...(typeof inputTokens === "number" ? { inputTokens } : {}) };
};

const parse = (text: string): JsonObject => {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
};

const isVector = (value: JsonValue | undefined): value is readonly number[] => Array.isArray(value) && value.every((number) => typeof number === "number");
