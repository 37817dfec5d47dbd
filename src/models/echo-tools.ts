import { lastUserText, type ChatRequest, type JsonObject, type JsonValue, type Tool, type ToolCall } from "../chat/request.ts";

/**
 * The tool call that echo answers with, if any: `CALLTOOL name {json}` as the last user message where that tool was
 * offered, else one for `tool_choice` required or named, with the smallest arguments that its schema allows. Once the
 * result of a call has come, echo answers in words: a conversation with it ends.
 */
export const plannedToolCall = (request: ChatRequest): ToolCall | undefined => {
  if (request.toolChoice === "none" || request.messages.at(-1)?.role === "tool") return undefined;
  const id = `call_${request.messages.length}`;
  const [, asked, argumentsText] = /^CALLTOOL\s+(\S+)\s*(\{[^]*\})?\s*$/.exec(lastUserText(request)) ?? [];
  if (asked !== undefined && request.tools.some(({ name }) => name === asked)) return { id, name: asked, argumentsText: argumentsText ?? "{}" };
  const tool = forcedTool(request);
  return tool && { id, name: tool.name, argumentsText: JSON.stringify(smallestValue(tool.inputSchema ?? {})) };
};

const forcedTool = ({ tools, toolChoice }: ChatRequest): Tool | undefined => {
  if (toolChoice === "required") return tools[0];
  return typeof toolChoice === "object" ? tools.find(({ name }) => name === toolChoice.name) : undefined;
};

/** A value as small as the schema allows: required properties only, lower bounds, the first of an enum. */
const smallestValue = (schema: JsonObject): JsonValue => {
  if (schema["const"] !== undefined) return schema["const"];
  if (Array.isArray(schema["enum"])) return (schema["enum"] as readonly JsonValue[])[0] ?? null;
  switch (Array.isArray(schema["type"]) ? (schema["type"] as readonly JsonValue[])[0] : schema["type"]) {
    case "string": return "x".repeat(numberOr(schema["minLength"], 0));
    case "integer": case "number": return numberOr(schema["minimum"], 0);
    case "boolean": return false;
    case "null": return null;
    case "array": return Array.from({ length: numberOr(schema["minItems"], 0) }, () => smallestValue(objectOr(schema["items"])));
    default: return smallestObject(schema);
  }
};

const smallestObject = (schema: JsonObject): JsonObject => {
  const properties = objectOr(schema["properties"]);
  const required = Array.isArray(schema["required"]) ? (schema["required"] as readonly JsonValue[]) : [];
  const names = required.filter((name) => typeof name === "string");
  return Object.fromEntries(names.map((name) => [name, smallestValue(objectOr(properties[name]))]));
};

const numberOr = (value: JsonValue | undefined, fallback: number): number => (typeof value === "number" ? value : fallback);
const objectOr = (value: JsonValue | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
