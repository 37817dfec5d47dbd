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
    .map(({ embedding }) => (typeof embedding === "string" ? readBase64(embedding) : embedding))
    .filter(isVector);
  if (vectors.length !== inputs.length) throw modelFailed(`The upstream ${upstream} gave ${vectors.length} vectors for ${inputs.length} inputs.`);
  const { prompt_tokens: inputTokens } = (usage ?? {}) as JsonObject;
  return { vectors, ...(typeof inputTokens === "number" ? { inputTokens } : {}) };
};

const parse = (text: string): JsonObject => {
  try {
    return (JSON.parse(text) ?? {}) as JsonObject;
  } catch {
    return {};
  }
};

/** Some servers send what SDKs ask for, whatever was asked: little-endian floats of four bytes. */
const readBase64 = (text: string): readonly number[] | undefined => {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
};

const isVector = (value: JsonValue | undefined): value is readonly number[] => Array.isArray(value) && value.every((number) => typeof number === "number");
