import type { EmbedResult } from "../../chat/embedding.ts";
import { invalidField } from "../../errors.ts";
import { optionalNumber, optionalString, requireArray, requireObject, requireString } from "../fields.ts";
import type { AnswerFacts, DecodedEmbedRequest } from "../protocol.ts";
import type { WireEmbeddings } from "./wire.ts";

export interface EmbedOptions {
  /** Vectors as base64 of their little-endian 32-bit floats, as SDKs ask for, instead of lists of numbers. */
  readonly isBase64: boolean;
}

/** OpenAI's own bound. */
const mostInputs = 2048;

/** @see https://platform.openai.com/docs/api-reference/embeddings/create */
export const decodeEmbedRequest = (body: unknown): DecodedEmbedRequest<EmbedOptions> => {
  const wire = requireObject(body, "body", "a JSON object");
  const dimensions = optionalNumber(wire, "dimensions", 1);
  const format = optionalString(wire, "encoding_format") ?? "float";
  if (format !== "float" && format !== "base64") throw invalidField("encoding_format", "encoding_format must be \"float\" or \"base64\".");
  return {
    request: {
      model: requireString(wire["model"], "model"),
      inputs: decodeInputs(wire["input"]),
      ...(dimensions === undefined ? {} : { dimensions }),
    },
    options: { isBase64: format === "base64" },
  };
};

/** One text or the tokens of one, or a list of either. */
const decodeInputs = (value: unknown): readonly (string | readonly number[])[] => {
  if (typeof value === "string") return [value];
  const list = requireArray(value, "input", "a string, a list of strings, or tokens");
  if (list.length === 0 || list.length > mostInputs) throw invalidField("input", `input must hold 1 to ${mostInputs} texts, not ${list.length}.`);
  if (isTokens(list)) return [list];
  return list.map((item, index) => (Array.isArray(item) && isTokens(item) ? item : requireString(item, `input[${index}]`)));
};

const isTokens = (list: readonly unknown[]): list is readonly number[] => list.length > 0 && list.every((item) => typeof item === "number");

export const encodeEmbedResult = ({ vectors, inputTokens = 0 }: EmbedResult, { model }: AnswerFacts, { isBase64 }: EmbedOptions): string => {
  const embeddings: WireEmbeddings = {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: isBase64 ? encodeBase64(vector) : vector })),
    model,
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
  };
  return JSON.stringify(embeddings);
};

const encodeBase64 = (vector: readonly number[]): string => {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((number, index) => bytes.writeFloatLE(number, index * 4));
  return bytes.toString("base64");
};
