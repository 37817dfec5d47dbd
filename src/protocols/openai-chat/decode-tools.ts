import type { JsonObject, Tool, ToolChoice } from "../../chat/request.ts";
import { invalidField } from "../../errors.ts";
import { isObject, optionalBoolean, optionalString, requireArray, requireObject, requireString } from "../fields.ts";

/** Everything that a request says of tools, in today's or the older words. */
export interface DecodedTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** One call at most. */
  readonly isSingle: boolean;
  /** Tools of other types, which only their maker's servers run: agents send them along and live without. */
  readonly leftOut: readonly string[];
}

/** Throws `invalidField` (400), also for a choice that no tool can meet: the model would answer in words, and the client waits for a call. */
export const decodeTools = (wire: JsonObject): DecodedTools => {
  if (isEmpty(wire["tools"]) && !isEmpty(wire["functions"])) return decodeFunctions(wire);
  const tools: Tool[] = [];
  const leftOut: string[] = [];
  for (const [index, item] of listOf(wire["tools"], "tools").entries()) {
    const path = `tools[${index}]`;
    const tool = requireObject(item, path, "a tool");
    const type = optionalString(tool, "type", path) ?? "function";
    if (type === "function") tools.push(decodeFunction(requireObject(tool["function"], `${path}.function`, "a function definition"), `${path}.function`));
    else leftOut.push(`${path} (${type.slice(0, 40)})`);
  }
  const isSingle = optionalBoolean(wire, "parallel_tool_calls") === false && tools.length > 0;
  return { ...decodeChoice(wire["tool_choice"], tools), isSingle, leftOut };
};

const isEmpty = (value: unknown): boolean => value === undefined || value === null;
const listOf = (value: unknown, path: string): readonly unknown[] => (isEmpty(value) ? [] : requireArray(value, path));

const decodeFunction = (definition: JsonObject, path: string): Tool => {
  const description = optionalString(definition, "description", path);
  const isStrict = optionalBoolean(definition, "strict", path);
  const { parameters } = definition;
  return {
    name: requireString(definition["name"], `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined || parameters === null ? {} : { inputSchema: requireObject(parameters, `${path}.parameters`, "a JSON Schema") }),
    ...(isStrict === undefined ? {} : { isStrict }),
  };
};

const decodeChoice = (value: unknown, tools: readonly Tool[]): Pick<DecodedTools, "tools" | "toolChoice"> => {
  if (value === undefined || value === null) return { tools, toolChoice: "auto" };
  if (value === "required" && tools.length === 0) throw invalidField("tool_choice", "tool_choice is \"required\", but no function is among tools.");
  if (value === "auto" || value === "none" || value === "required") return { tools, toolChoice: value };
  if (isObject(value) && value["type"] === "allowed_tools") return decodeAllowed(value, tools);
  const chosen = isObject(value) ? value["function"] : undefined;
  if (!isObject(chosen)) throw invalidField("tool_choice", "tool_choice must be \"auto\", \"none\", \"required\" or {\"type\": \"function\", \"function\": {\"name\": …}}.");
  return { tools, toolChoice: { name: requireNameOf(chosen["name"], tools, "tool_choice.function.name") } };
};

/** A choice among some of the tools: the model gets to see no others. */
const decodeAllowed = (value: JsonObject, tools: readonly Tool[]): Pick<DecodedTools, "tools" | "toolChoice"> => {
  const path = "tool_choice.allowed_tools";
  const allowed = requireObject(value["allowed_tools"], path, "an object");
  const { mode } = allowed;
  if (mode !== "auto" && mode !== "required") throw invalidField(`${path}.mode`, `${path}.mode must be "auto" or "required".`);
  const names = requireArray(allowed["tools"], `${path}.tools`).map((item, index) => {
    const itemPath = `${path}.tools[${index}]`;
    const called = requireObject(requireObject(item, itemPath, "a tool")["function"], `${itemPath}.function`, "an object with the function's name");
    return requireNameOf(called["name"], tools, `${itemPath}.function.name`);
  });
  return decodeChoice(mode, tools.filter(({ name }) => names.includes(name)));
};

const requireNameOf = (value: unknown, tools: readonly Tool[], path: string): string => {
  const name = requireString(value, path);
  if (!tools.some((tool) => tool.name === name)) throw invalidField(path, `No function among tools is named ${JSON.stringify(name.slice(0, 100))}.`);
  return name;
};

/** What there was before tools. @see https://platform.openai.com/docs/api-reference/chat/create#chat-create-functions */
const decodeFunctions = (wire: JsonObject): DecodedTools => {
  const tools = requireArray(wire["functions"], "functions")
    .map((item, index) => decodeFunction(requireObject(item, `functions[${index}]`, "a function definition"), `functions[${index}]`));
  const choice = wire["function_call"];
  const toolChoice = isObject(choice) ? { name: requireNameOf(choice["name"], tools, "function_call.name") } : choice === "none" ? "none" : "auto";
  return { tools, toolChoice, isSingle: true, leftOut: [] };
};
