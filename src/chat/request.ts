/**
 * What a client asks for, in no protocol's words. A protocol decodes into this, a model host reads it; nothing else
 * about the request travels between them.
 */
export interface ChatRequest {
  /** The name the client wrote under "model": an alias, or `vendor/id`. */
  readonly model: string;
  readonly messages: readonly Message[];
  /** Empty when the client offered none. */
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** How many tokens the answer may have at most; absent = the model's own limit. */
  readonly maxOutputTokens?: number;
  /** Texts before which the answer ends; none of them becomes part of it. Absent = none; never empty ones. */
  readonly stopSequences?: readonly string[];
  /** How many answers are wanted, each told apart by a `choice` part; absent = 1. */
  readonly choiceCount?: number;
  /** The answer may call one tool at most. */
  readonly singleToolCall?: true;
  /** What the answer's text must be; absent = any text. */
  readonly responseFormat?: ResponseFormat;
  readonly sampling: Sampling;
  /** Options the client sent that no host here can honour; each becomes a `warning` part. Wire spellings. */
  readonly ignoredOptions: readonly string[];
  /** Those of the ignored options that a server of the same protocol can be asked for, as they came. */
  readonly extraOptions?: JsonObject;
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface SystemMessage {
  readonly role: "system";
  readonly content: readonly TextContent[];
}

export interface UserMessage {
  readonly role: "user";
  readonly content: readonly ContentPart[];
  readonly name?: string;
}

export interface AssistantMessage {
  readonly role: "assistant";
  readonly content: readonly TextContent[];
  readonly toolCalls: readonly ToolCall[];
  readonly name?: string;
}

/** The result of one tool call of an earlier assistant message. */
export interface ToolMessage {
  readonly role: "tool";
  readonly toolCallId: string;
  readonly content: readonly ContentPart[];
}

export type ContentPart = TextContent | ImageContent | ImageLink;

export interface TextContent {
  readonly type: "text";
  readonly text: string;
}

export interface ImageContent {
  readonly type: "image";
  /** `image/png`, `image/jpeg`, `image/gif` or `image/webp`. */
  readonly mediaType: string;
  readonly data: Uint8Array;
}

/** An image that lies elsewhere. It is fetched before a host is asked: none ever sees a link. */
export interface ImageLink {
  readonly type: "image-link";
  /** http or https. */
  readonly url: string;
  /** The request's field that it came in, in the wire's spelling: errors name it. */
  readonly field: string;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it; not yet known to be valid JSON. */
  readonly argumentsText: string;
}

export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments object; absent = no arguments. */
  readonly inputSchema?: JsonObject;
  /** Whether the client asked for the schema to be kept to the letter; a hint. */
  readonly isStrict?: boolean;
}

export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** `json` is any JSON object, `json-schema` a value that is valid by a schema. */
export type ResponseFormat =
  | { readonly type: "json" }
  | {
    readonly type: "json-schema";
    /** The client's name for it, in the characters of an identifier. */
    readonly name: string;
    readonly description?: string;
    readonly schema: JsonObject;
    /** Whether the client asked for the schema to be kept to the letter; passed on where the host looks at schemas itself. */
    readonly isStrict?: boolean;
  };

/** Hints to the sampler; absent = the model's default. A host passes on those it can and warns about the others. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
}

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The text of a message's text parts, joined without a separator, as every protocol's string form means it. */
export const textOf = (message: Message): string => {
  let text = "";
  for (const part of message.content) if (part.type === "text") text += part.text;
  return text;
};

/** What the person said last; empty where no message is a user's. */
export const lastUserText = ({ messages }: ChatRequest): string => {
  const message = messages.findLast(({ role }) => role === "user");
  return message === undefined ? "" : textOf(message);
};
