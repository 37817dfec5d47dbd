import type { JsonObject } from "../../chat/request.ts";
import { invalidField } from "../../errors.ts";
import { optionalBoolean, requireObject, requireString, unreadFields } from "../fields.ts";
import type { DecodedRequest } from "../protocol.ts";
import { commonFields, decodeLimits, decodeSampling, includesUsage } from "./decode-request.ts";

/** What the shape of the answer depends on. */
export interface CompletionOptions {
  readonly includesUsage: boolean;
  /** The prompt, where the client wants it back before each answer; else empty. */
  readonly prefix: string;
}

/**
 * Reads a request for a completion of the older kind: its prompt is what a user says, to models that know conversations
 * only. Throws `invalidField` (400), also for what would make the answer another than asked for: several prompts, text that
 * follows the answer.
 * @see https://platform.openai.com/docs/api-reference/completions/create
 */
export const decodeCompletion = (body: unknown): DecodedRequest<CompletionOptions> => {
  const wire = requireObject(body, "body", "a JSON object");
  const prompt = decodePrompt(wire["prompt"]);
  if (typeof wire["suffix"] === "string" && wire["suffix"] !== "") throw invalidField("suffix", "The models behind this proxy do not fill in the middle of a text: leave suffix out.");
  return {
    chat: {
      model: requireString(wire["model"], "model"),
      messages: [{ role: "user", content: [{ type: "text", text: prompt }] }],
      tools: [],
      toolChoice: "auto",
      ...decodeLimits(wire),
      sampling: decodeSampling(wire),
      ignoredOptions: hints.filter((name) => asksForSomething(wire, name)),
    },
    isStreamed: optionalBoolean(wire, "stream") ?? false,
    options: { includesUsage: includesUsage(wire), prefix: optionalBoolean(wire, "echo") === true ? prompt : "" },
    unreadFields: unreadFields(wire, readHere),
  };
};

/** Options that ask for more than an answer; an answer without it is still right. */
const hints = ["best_of", "logprobs", "logit_bias"];

const readHere = new Set([...commonFields, ...hints, "prompt", "suffix", "echo"]);

const asksForSomething = (wire: JsonObject, name: string): boolean => wire[name] !== undefined && wire[name] !== null && !(name === "best_of" && wire[name] === 1);

/** A list of one string is what some SDKs make of a string. */
const decodePrompt = (value: unknown): string => {
  const [first, ...others] = Array.isArray(value) ? value as readonly unknown[] : [value];
  if (typeof first === "number" || Array.isArray(first)) throw invalidField("prompt", "A prompt of token numbers cannot be read here: send it as text.");
  if (others.length > 0) throw invalidField("prompt", "One request may have one prompt only: send the others in requests of their own.");
  return requireString(first, "prompt");
};
