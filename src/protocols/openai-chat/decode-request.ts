import type {
  AssistantMessage, ChatRequest, JsonObject, Message, Sampling, TextContent, Tool, ToolCall, ToolChoice,
} from "../../chat/request.ts";
import { invalidField } from "../../errors.ts";
import type { DecodedRequest } from "../protocol.ts";
import { isObject, optionalBoolean, optionalNumber, optionalString, requireArray, requireObject, requireString } from "../fields.ts";

/** What the shape of the answer depends on. */
export interface ChatOptions {
  /** Whether a last chunk tells the usage: `stream_options.include_usage`. */
  readonly includesUsage: boolean;
}

/**
 * Reads a chat completion request. Fields that nobody knows are left alone; a field that is known and wrong is a 400 that
 * names it.
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export const decodeRequest = (body: unknown): DecodedRequest<ChatOptions> => {
  const wire = requireObject(body, "body", "a JSON object");
  const streamOptions = wire["stream_options"];
  return {
    chat: decodeChat(wire),
    isStreamed: optionalBoolean(wire, "stream") ?? false,
    options: { includesUsage: isObject(streamOptions) && streamOptions["include_usage"] === true },
  };
};

const decodeChat = (wire: JsonObject): ChatRequest => {
  const { tools, leftOut } = decodeTools(wire["tools"]);
  const maxOutputTokens = optionalNumber(wire, "max_completion_tokens", 1) ?? optionalNumber(wire, "max_tokens", 1);
  refuseUnserved(wire);
  return {
    model: requireString(wire["model"], "model"),
    messages: decodeMessages(wire["messages"]),
    tools,
    toolChoice: decodeToolChoice(wire["tool_choice"], tools),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    sampling: decodeSampling(wire),
    ignoredOptions: [...hints.filter((name) => wire[name] !== undefined && wire[name] !== null), ...leftOut],
  };
};

/** Options that only nudge a model: an answer without them is still right. */
const hints = ["logit_bias", "reasoning_effort", "verbosity", "service_tier"];

/** Options without which the answer would be wrong, each with the value that asks for nothing. */
const refuseUnserved = (wire: JsonObject): void => {
  const n = optionalNumber(wire, "n", 1);
  if (n !== undefined && n !== 1) throw invalidField("n", "Only one choice is made for each request: leave n out or set it to 1.");
  const { stop } = wire;
  if (stop !== undefined && stop !== null && !(Array.isArray(stop) && stop.length === 0)) throw invalidField("stop", "Stop sequences are not served yet: leave stop out.");
  if (wire["audio"] !== undefined && wire["audio"] !== null) throw invalidField("audio", "The models behind this proxy make no audio: leave audio out.");
  const format = wire["response_format"];
  if (isObject(format) && format["type"] !== "text") throw invalidField("response_format", "Only the format \"text\" is served.");
};

const decodeSampling = (wire: JsonObject): Sampling => {
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

const decodeMessages = (value: unknown): readonly Message[] => {
  const messages = requireArray(value, "messages");
  if (messages.length === 0) throw invalidField("messages", "There must be at least one message.");
  return messages.map((message, index) => decodeMessage(message, `messages[${index}]`));
};

const decodeMessage = (value: unknown, path: string): Message => {
  const wire = requireObject(value, path, "a message object");
  const role = requireString(wire["role"], `${path}.role`);
  switch (role) {
    case "system": case "developer":
      return { role: "system", content: decodeText(wire["content"], `${path}.content`) };
    case "user":
      return { role, content: decodeText(wire["content"], `${path}.content`), ...nameOf(wire, path) };
    case "assistant":
      return decodeAssistant(wire, path);
    case "tool":
      return {
        role,
        toolCallId: requireString(wire["tool_call_id"], `${path}.tool_call_id`),
        content: decodeText(wire["content"], `${path}.content`),
      };
    default:
      throw invalidField(`${path}.role`, `No role is called ${JSON.stringify(role.slice(0, 40))}: use system, developer, user, assistant or tool.`);
  }
};

const nameOf = (wire: JsonObject, path: string): { name?: string } => {
  const name = optionalString(wire, "name", path);
  return name === undefined ? {} : { name };
};

const decodeAssistant = (wire: JsonObject, path: string): AssistantMessage => {
  const calls = wire["tool_calls"];
  const toolCalls = calls === undefined || calls === null ? [] : requireArray(calls, `${path}.tool_calls`)
    .map((call, index) => decodeToolCall(call, `${path}.tool_calls[${index}]`));
  // Null, absent and empty content all come with tool calls from real agents.
  const content = wire["content"] === undefined || wire["content"] === null ? [] : decodeText(wire["content"], `${path}.content`);
  return { role: "assistant", content, toolCalls, ...nameOf(wire, path) };
};

const decodeToolCall = (value: unknown, path: string): ToolCall => {
  const wire = requireObject(value, path, "a tool call");
  const called = requireObject(wire["function"], `${path}.function`, "the function that was called");
  return {
    id: requireString(wire["id"], `${path}.id`),
    name: requireString(called["name"], `${path}.function.name`),
    argumentsText: optionalString(called, "arguments", `${path}.function`) ?? "",
  };
};

const decodeText = (value: unknown, path: string): readonly TextContent[] =>
  typeof value === "string" ? [{ type: "text", text: value }]
    : requireArray(value, path, "a string or a list of parts").map((part, index) => decodeTextPart(part, `${path}[${index}]`));

const decodeTextPart = (value: unknown, path: string): TextContent => {
  const part = requireObject(value, path, "a content part");
  const type = requireString(part["type"], `${path}.type`);
  if (type === "refusal") return { type: "text", text: requireString(part["refusal"], `${path}.refusal`) };
  if (type !== "text") throw invalidField(`${path}.type`, `Content of type ${JSON.stringify(type.slice(0, 40))} cannot be sent to a model here: send text.`);
  return { type: "text", text: requireString(part["text"], `${path}.text`) };
};

interface DecodedTools {
  readonly tools: readonly Tool[];
  /** Tools of other types, which only their maker's servers run: agents send them along and live without. */
  readonly leftOut: readonly string[];
}

const decodeTools = (value: unknown): DecodedTools => {
  const tools: Tool[] = [];
  const leftOut: string[] = [];
  for (const [index, tool] of (value === undefined || value === null ? [] : requireArray(value, "tools")).entries()) {
    const path = `tools[${index}]`;
    const wire = requireObject(tool, path, "a tool");
    const type = optionalString(wire, "type", path) ?? "function";
    if (type === "function") tools.push(decodeTool(wire, path));
    else leftOut.push(`${path} (${type.slice(0, 40)})`);
  }
  return { tools, leftOut };
};

const decodeTool = (wire: JsonObject, path: string): Tool => {
  const definition = requireObject(wire["function"], `${path}.function`, "a function definition");
  const description = optionalString(definition, "description", `${path}.function`);
  const parameters = definition["parameters"];
  return {
    name: requireString(definition["name"], `${path}.function.name`),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined || parameters === null ? {} : { inputSchema: requireObject(parameters, `${path}.function.parameters`, "a JSON Schema") }),
  };
};

/** A choice that no tool can meet is refused: the model would answer in words, and the client waits for a call. */
const decodeToolChoice = (value: unknown, tools: readonly Tool[]): ToolChoice => {
  if (value === undefined || value === null) return "auto";
  if (value === "required" && tools.length === 0) throw invalidField("tool_choice", "tool_choice is \"required\", but no function is among tools.");
  if (value === "auto" || value === "none" || value === "required") return value;
  const chosen = isObject(value) ? value["function"] : undefined;
  if (!isObject(chosen)) throw invalidField("tool_choice", "tool_choice must be \"auto\", \"none\", \"required\" or {\"type\": \"function\", \"function\": {\"name\": …}}.");
  const name = requireString(chosen["name"], "tool_choice.function.name");
  if (!tools.some((tool) => tool.name === name)) throw invalidField("tool_choice.function.name", `No function among tools is named ${JSON.stringify(name.slice(0, 100))}.`);
  return { name };
};
