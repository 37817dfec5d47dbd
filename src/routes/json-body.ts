import { isUtf8 } from "node:buffer";
import { invalidJson, unsupportedMediaType } from "../errors.ts";
import type { Exchange } from "../policies/policy.ts";

/**
 * The request's body as parsed JSON. Throws 415 for any other content type before it reads a byte: text and form bodies are
 * what a web page can send without the browser asking first. Throws 400 `invalid_json`, 413 `request_too_large`.
 */
export const readJsonBody = async (exchange: Exchange): Promise<unknown> => {
  const contentType = exchange.header("content-type");
  if (!/^application\/json *(;|$)/i.test(contentType ?? "")) throw unsupportedMediaType(contentType);
  const bytes = await exchange.readBody();
  if (!isUtf8(bytes)) throw invalidJson("it is not UTF-8");
  return parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
};

/** Throws `invalidJson` (400), which says where the text broke. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(whereItBroke(error, text));
  }
};

/** Where, and never what: the engine's own message quotes the body. */
const whereItBroke = (error: unknown, text: string): string => {
  if (text.trim() === "") return "it is empty";
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  return position === undefined ? "it ends too early or holds a stray character" : `at character ${Number(position) + 1}`;
};
