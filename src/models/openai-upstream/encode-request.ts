import type { ChatRequest, ContentPart, JsonObject, JsonValue, Message, ResponseFormat, Tool, ToolChoice } from "../../chat/request.ts";

/** How a server calls the limit on an answer: all knew the first, newer models of OpenAI refuse it for the second. */
export type LimitName = "max_tokens" | "max_completion_tokens";

/**
 * A request in the words of chat completions, always streamed: a plain answer is folded from the same parts, and an upstream
 * that is streamed can be stopped. Only fields that every OpenAI-compatible server knows are sent unasked.
 */
export const encodeRequest = (request: ChatRequest, model: string, limitName: LimitName = "max_tokens"): string =>
  JSON.stringify({
    model,
    messages: request.messages.map(encodeMessage),
    stream: true,
    stream_options: { include_usage: true },
    ...encodeTools(request),
    ...encodeFormat(request.responseFormat),
    ...encodeSampling(request, limitName),
    ...request.extraOptions,
  });

const encodeMessage = (message: Message): JsonObject => {
  switch (message.role) {
    case "system": return { role: "system", content: encodeContent(message.content) };
    case "user": return { role: "user", content: encodeContent(message.content), ...optional("name", message.name) };
    case "tool": return { role: "tool", tool_call_id: message.toolCallId, content: encodeContent(message.content) };
    case "assistant": {
      const calls = message.toolCalls.map(({ id, name, argumentsText }) => ({ id, type: "function", function: { name, arguments: argumentsText } }));
      const content = message.content.length === 0 ? null : encodeContent(message.content);
      return { role: "assistant", content, ...optional("name", message.name), ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    }
  }
};

/** As one string where it is only text: small servers read no lists of parts. */
const encodeContent = (content: readonly ContentPart[]): JsonValue =>
  content.every((part) => part.type === "text") ? content.map(({ text }) => text).join("") : content.map(encodePart);

const encodePart = (part: ContentPart): JsonObject => {
  switch (part.type) {
    case "text": return { type: "text", text: part.text };
    case "image": return { type: "image_url", image_url: { url: `data:${part.mediaType};base64,${Buffer.from(part.data).toString("base64")}` } };
    case "image-link": return { type: "image_url", image_url: { url: part.url } };
  }
};

const encodeTools = ({ tools, toolChoice, singleToolCall }: ChatRequest): JsonObject =>
  tools.length === 0 ? {} : { tools: tools.map(encodeTool), ...encodeToolChoice(toolChoice), ...(singleToolCall === true ? { parallel_tool_calls: false } : {}) };

const encodeTool = ({ name, description, inputSchema, isStrict }: Tool): JsonObject => ({
  type: "function",
  function: { name, ...optional("description", description), ...optional("parameters", inputSchema), ...optional("strict", isStrict) },
});

const encodeToolChoice = (choice: ToolChoice): JsonObject => {
  if (choice === "auto") return {};
  return { tool_choice: typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } } };
};

const encodeFormat = (format: ResponseFormat | undefined): JsonObject => {
  if (format === undefined) return {};
  if (format.type === "json") return { response_format: { type: "json_object" } };
  const { name, schema, description, isStrict } = format;
  return { response_format: { type: "json_schema", json_schema: { name, ...optional("description", description), schema, ...optional("strict", isStrict) } } };
};

const encodeSampling = ({ sampling, maxOutputTokens, stopSequences }: ChatRequest, limitName: LimitName): JsonObject => ({
  ...optional("temperature", sampling.temperature),
  ...optional("top_p", sampling.topP),
  ...optional("frequency_penalty", sampling.frequencyPenalty),
  ...optional("presence_penalty", sampling.presencePenalty),
  ...optional("seed", sampling.seed),
  ...optional(limitName, maxOutputTokens),
  ...optional("stop", stopSequences),
});

const optional = (name: string, value: JsonValue | undefined): JsonObject => (value === undefined ? {} : { [name]: value });
