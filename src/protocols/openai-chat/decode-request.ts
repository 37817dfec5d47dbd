import type { ChatRequest, JsonObject, ResponseFormat, Sampling } from "../../chat/request.ts";
import { invalidField } from "../../errors.ts";
import { isObject, optionalBoolean, optionalNumber, optionalString, requireArray, requireObject, requireString, unreadFields } from "../fields.ts";
import type { DecodedRequest } from "../protocol.ts";
import { decodeMessages } from "./decode-messages.ts";
import { decodeTools } from "./decode-tools.ts";

/** What the shape of the answer depends on. */
export interface ChatOptions {
  /** Whether a last chunk tells the usage: `stream_options.include_usage`. */
  readonly includesUsage: boolean;
  /** Whether the request has `functions` and its answer a `function_call`, the older words for tools. */
  readonly hasFunctionCall: boolean;
}

/**
 * Reads a chat completion request. Fields that nobody knows are left alone; a field that is known and wrong is a 400 that
 * names it.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export const decodeRequest = (body: unknown): DecodedRequest<ChatOptions> => {
  const wire = requireObject(body, "body", "a JSON object");
  return {
    chat: decodeChat(wire),
    isStreamed: optionalBoolean(wire, "stream") ?? false,
    options: { includesUsage: includesUsage(wire), hasFunctionCall: hasValue(wire, "functions") && !hasValue(wire, "tools") },
    unreadFields: unreadFields(wire, readHere),
  };
};

export const includesUsage = ({ stream_options: options }: JsonObject): boolean => isObject(options) && options["include_usage"] === true;

const decodeChat = (wire: JsonObject): ChatRequest => {
  const { tools, toolChoice, isSingle, leftOut } = decodeTools(wire);
  refuseAudio(wire);
  const extraOptions = Object.fromEntries(extras.filter((name) => hasValue(wire, name)).map((name) => [name, wire[name] ?? null]));
  const format = decodeFormat(wire["response_format"]);
  return {
    model: requireString(wire["model"], "model"),
    messages: decodeMessages(wire["messages"]),
    tools,
    toolChoice,
    ...(isSingle ? { singleToolCall: true } : {}),
    ...(format === undefined ? {} : { responseFormat: format }),
    ...decodeLimits(wire),
    sampling: decodeSampling(wire),
    ignoredOptions: [...Object.keys(extraOptions), ...hints.filter((name) => hasValue(wire, name) && wire[name] !== false), ...leftOut],
    ...(Object.keys(extraOptions).length === 0 ? {} : { extraOptions }),
  };
};

/** Options that only nudge a model and that another server of this protocol may know. */
const extras = ["logit_bias", "reasoning_effort", "verbosity", "service_tier"];

/** Options that ask for more than an answer; an answer without it is still right. */
const hints = ["logprobs", "web_search_options", "prediction"];

/** What bounds and colours an answer, for chat and for the older completions. */
export const commonFields: readonly string[] = [
  "model", "stream", "stream_options", "n", "stop", "max_tokens", "max_completion_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed",
];

const readHere = new Set([
  ...commonFields, ...extras, ...hints, "messages", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "response_format", "audio", "modalities",
]);

const hasValue = (wire: JsonObject, name: string): boolean => wire[name] !== undefined && wire[name] !== null;

const refuseAudio = (wire: JsonObject): void => {
  const { modalities } = wire;
  if (hasValue(wire, "audio") || (Array.isArray(modalities) && modalities.includes("audio"))) {
    throw invalidField("audio", "The models behind this proxy make no audio: leave audio out.");
  }
};

/** What bounds an answer, for chat and for the older completions. */
export const decodeLimits = (wire: JsonObject): Pick<ChatRequest, "maxOutputTokens" | "choiceCount" | "stopSequences"> => {
  const maxOutputTokens = optionalCount(wire, "max_completion_tokens") ?? optionalCount(wire, "max_tokens");
  const choiceCount = decodeChoiceCount(wire);
  const stopSequences = decodeStop(wire["stop"]);
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(choiceCount === 1 ? {} : { choiceCount }),
    ...(stopSequences.length === 0 ? {} : { stopSequences }),
  };
};

const optionalCount = (wire: JsonObject, name: string): number | undefined => {
  const count = optionalNumber(wire, name, 1);
  if (count !== undefined && !Number.isInteger(count)) throw invalidField(name, `${name} must be a whole number, not ${count}.`);
  return count;
};

/** Each choice is a question of its own to the model, and costs as much. */
const mostChoices = 8;

const decodeChoiceCount = (wire: JsonObject): number => {
  const count = optionalNumber(wire, "n", 1) ?? 1;
  if (!Number.isInteger(count) || count > mostChoices) throw invalidField("n", `n must be a whole number from 1 to ${mostChoices}, not ${count}.`);
  return count;
};

/** OpenAI takes four; other clients send more. Longer ones would make each part of an answer dear. */
const mostSequences = 16;
const longestSequence = 1000;

const decodeStop = (value: unknown): readonly string[] => {
  if (value === undefined || value === null) return [];
  const list = typeof value === "string" ? [value] : requireArray(value, "stop", "a string or a list of strings");
  if (list.length > mostSequences) throw invalidField("stop", `stop may have ${mostSequences} sequences at most, not ${list.length}.`);
  const sequences = list.map((sequence, index) => requireString(sequence, `stop[${index}]`));
  const long = sequences.findIndex(({ length }) => length > longestSequence);
  if (long !== -1) throw invalidField(`stop[${long}]`, `A stop sequence may have ${longestSequence} characters at most.`);
  // An empty one stands at the start of every text; clients that send it mean none.
  return [...new Set(sequences)].filter((sequence) => sequence !== "");
};

const decodeFormat = (value: unknown): ResponseFormat | undefined => {
  if (value === undefined || value === null) return undefined;
  const wire = requireObject(value, "response_format", "an object");
  const type = requireString(wire["type"], "response_format.type");
  switch (type) {
    case "text": return undefined;
    case "json_object": return { type: "json" };
    case "json_schema": return decodeSchemaFormat(requireObject(wire["json_schema"], "response_format.json_schema", "an object"));
    default: throw invalidField("response_format.type", "response_format.type must be \"text\", \"json_object\" or \"json_schema\".");
  }
};

const decodeSchemaFormat = (wire: JsonObject): ResponseFormat => {
  const path = "response_format.json_schema";
  const description = optionalString(wire, "description", path);
  const isStrict = optionalBoolean(wire, "strict", path);
  return {
    type: "json-schema",
    name: optionalString(wire, "name", path) ?? "response",
    ...(description === undefined ? {} : { description }),
    schema: requireObject(wire["schema"], `${path}.schema`, "a JSON Schema"),
    ...(isStrict === undefined ? {} : { isStrict }),
  };
};

export const decodeSampling = (wire: JsonObject): Sampling => {
  const sampling: { -readonly [Name in keyof Sampling]: Sampling[Name] } = {};
  const take = (name: keyof Sampling, wireName: string): void => {
    const value = optionalNumber(wire, wireName);
    if (value !== undefined) sampling[name] = value;
  };
  take("temperature", "temperature");
  take("topP", "top_p");
  take("frequencyPenalty", "frequency_penalty");
  take("presencePenalty", "presence_penalty");
  take("seed", "seed");
  return sampling;
};
