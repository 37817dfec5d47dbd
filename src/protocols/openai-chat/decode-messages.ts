import type { AssistantMessage, JsonObject, Message, ToolCall, ToolMessage } from "../../chat/request.ts";
import { invalidField } from "../../errors.ts";
import { optionalString, requireArray, requireObject, requireString } from "../fields.ts";
import { decodeContent, decodeText } from "./decode-content.ts";

/** Reads a conversation, in which tools may be called in today's or the older way. Throws `invalidField` (400). */
export const decodeMessages = (value: unknown): readonly Message[] => {
  const messages = requireArray(value, "messages");
  if (messages.length === 0) throw invalidField("messages", "There must be at least one message.");
  const decoded: Message[] = [];
  for (const [index, message] of messages.entries()) decoded.push(decodeMessage(message, `messages[${index}]`, decoded));
  return decoded;
};

const decodeMessage = (value: unknown, path: string, before: readonly Message[]): Message => {
  const wire = requireObject(value, path, "a message object");
  const role = requireString(wire["role"], `${path}.role`);
  switch (role) {
    case "system": case "developer":
      return { role: "system", content: decodeText(wire["content"], `${path}.content`) };
    case "user":
      return { role, content: decodeContent(wire["content"], `${path}.content`), ...nameOf(wire, path) };
    case "assistant":
      return decodeAssistant(wire, path, before.length);
    case "tool":
      return {
        role,
        toolCallId: requireString(wire["tool_call_id"], `${path}.tool_call_id`),
        content: decodeContent(wire["content"], `${path}.content`),
      };
    case "function":
      return decodeFunctionResult(wire, path, before);
    default:
      throw invalidField(`${path}.role`, `No role is called ${JSON.stringify(role.slice(0, 40))}: use system, developer, user, assistant or tool.`);
  }
};

const nameOf = (wire: JsonObject, path: string): { name?: string } => {
  const name = optionalString(wire, "name", path);
  return name === undefined ? {} : { name };
};

const decodeAssistant = (wire: JsonObject, path: string, position: number): AssistantMessage => {
  const calls = wire["tool_calls"];
  const toolCalls = calls === undefined || calls === null ? [] : requireArray(calls, `${path}.tool_calls`)
    .map((call, index) => decodeToolCall(call, `${path}.tool_calls[${index}]`));
  // Null, absent and empty content all come with tool calls from real agents.
  const content = wire["content"] === undefined || wire["content"] === null ? [] : decodeText(wire["content"], `${path}.content`);
  return { role: "assistant", content, toolCalls: [...toolCalls, ...decodeFunctionCall(wire["function_call"], path, position)], ...nameOf(wire, path) };
};

const decodeToolCall = (value: unknown, path: string): ToolCall => {
  const wire = requireObject(value, path, "a tool call");
  const called = requireObject(wire["function"], `${path}.function`, "the function that was called");
  return { id: requireString(wire["id"], `${path}.id`), ...decodeCalled(called, `${path}.function`) };
};

const decodeCalled = (called: JsonObject, path: string): Omit<ToolCall, "id"> =>
  ({ name: requireString(called["name"], `${path}.name`), argumentsText: optionalString(called, "arguments", path) ?? "" });

/** The older way has no ids: a call gets one by its place, and its result finds it by the name. */
const decodeFunctionCall = (value: unknown, path: string, position: number): readonly ToolCall[] => {
  if (value === undefined || value === null) return [];
  const called = requireObject(value, `${path}.function_call`, "the function that was called");
  return [{ id: `call_${position}`, ...decodeCalled(called, `${path}.function_call`) }];
};

const decodeFunctionResult = (wire: JsonObject, path: string, before: readonly Message[]): ToolMessage => {
  const name = requireString(wire["name"], `${path}.name`);
  const calls = before.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
  const call = calls.findLast((candidate) => candidate.name === name);
  if (call === undefined) throw invalidField(`${path}.name`, `No earlier message calls a function named ${JSON.stringify(name.slice(0, 100))}.`);
  return { role: "tool", toolCallId: call.id, content: decodeText(wire["content"], `${path}.content`) };
};
