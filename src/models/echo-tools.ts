import { lastUserText, type ChatRequest, type Tool, type ToolCall } from "../chat/request.ts";
import { smallestValue } from "./smallest-value.ts";

/**
 * The tool call that echo answers with, if any: `CALLTOOL name {json}` as the last user message where that tool was
 * offered, else one for `tool_choice` required or named, with the smallest arguments that its schema allows. Once the
 * result of a call has come, echo answers in words: a conversation with it ends.
 */
export const plannedToolCall = (request: ChatRequest): ToolCall | undefined => {
  if (request.toolChoice === "none" || request.messages.at(-1)?.role === "tool") return undefined;
  const id = `call_${request.messages.length}`;
  const asked = askedCall(lastUserText(request));
  if (asked !== undefined && request.tools.some(({ name }) => name === asked.name)) return { id, ...asked };
  const tool = forcedTool(request);
  return tool && { id, name: tool.name, argumentsText: JSON.stringify(smallestValue(tool.inputSchema ?? {})) };
};

/** Takes the line apart step by step: one pattern for all of it takes the square of the time on a long run of blanks. */
const askedCall = (text: string): Pick<ToolCall, "name" | "argumentsText"> | undefined => {
  const [start, name] = /^CALLTOOL\s+(\S+)/.exec(text) ?? [];
  if (start === undefined || name === undefined) return undefined;
  const rest = text.slice(start.length).trim();
  if (rest === "") return { name, argumentsText: "{}" };
  return rest.startsWith("{") && rest.endsWith("}") ? { name, argumentsText: rest } : undefined;
};

const forcedTool = ({ tools, toolChoice }: ChatRequest): Tool | undefined => {
  if (toolChoice === "required") return tools[0];
  return typeof toolChoice === "object" ? tools.find(({ name }) => name === toolChoice.name) : undefined;
};
