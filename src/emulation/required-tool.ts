import type { Batches, CallContext, ChatCall, ChatResult } from "../chat/call.ts";
import type { StreamPart, Usage } from "../chat/part.ts";
import type { ChatRequest, Tool } from "../chat/request.ts";
import { unusableAnswer } from "../errors.ts";
import { addUsage } from "./add-usage.ts";
import type { Emulation } from "./emulation.ts";
import { instruct } from "./instruct.ts";
import { readAnswer } from "./read-answer.ts";

/**
 * Makes a model call one of many tools, where its host can force the call of a single one only. It is told that it must,
 * which is mostly enough. Where it answers in words all the same, those are dropped, it is made to choose (by the forced
 * call of a tool that takes a tool's name) and then to call what it chose. Parts flow from the first call on.
 */
export const requiredTool: Emulation = {
  isNeeded: ({ toolChoice, tools }, can) => toolChoice === "required" && tools.length > 1 && !can.has("required-of-many-tools"),
  around: (call, { model }) => (request, context) => callSomeTool(call, request, context, model),
};

const instruction = "Answer this turn by calling at least one of the tools that you were given. An answer in words alone cannot be used.";

async function* callSomeTool(call: ChatCall, request: ChatRequest, context: CallContext, model: string): Batches {
  const held: StreamPart[] = [];
  let hasCalled = false;
  for await (const batch of call(instruct({ ...request, toolChoice: "auto" }, instruction), context)) {
    hasCalled ||= batch.some(({ type }) => type === "tool-call-start");
    if (hasCalled) yield [...held.splice(0), ...batch];
    else held.push(...batch);
  }
  const last = held.at(-1);
  // Ended without a last part, it is cut; ended by a limit or a filter, asking again would end the same way.
  if (hasCalled || last === undefined) return;
  if (last.type !== "finish" || last.finishReason !== "stop") {
    yield held;
    return;
  }
  const warnings = held.filter(({ type }) => type === "warning");
  if (warnings.length > 0) yield warnings;
  yield* forceCall(call, request, context, model, last.usage);
}

/** Asks for a choice, then for the call. @param spent what was used up before */
async function* forceCall(call: ChatCall, request: ChatRequest, context: CallContext, model: string, spent: Usage | undefined): Batches {
  const chooser = chooserOf(request.tools);
  const { result } = await readAnswer(call({ ...request, tools: [chooser], toolChoice: { name: chooser.name } }, context));
  const chosen = chosenName(result, request.tools);
  if (chosen === undefined) throw unusableAnswer(model, `called none of the tools, though tool_choice is "required". Ask for one tool by its name, or for another model.`);
  const usage = addUsage([spent, result.usage]);
  for await (const batch of call({ ...request, toolChoice: { name: chosen } }, context)) yield batch.map((part) => withUsage(part, usage));
}

const withUsage = (part: StreamPart, spent: Usage | undefined): StreamPart => {
  if (part.type !== "finish") return part;
  const { usage: own, ...reason } = part;
  const usage = addUsage([spent, own]);
  return { ...reason, ...(usage === undefined ? {} : { usage }) };
};

const chooserOf = (tools: readonly Tool[]): Tool => ({
  name: "choose_tool",
  description: `Says which tool is to be called next.\n${tools.map(({ name, description = "" }) => `- ${name}: ${description}`).join("\n")}`,
  inputSchema: {
    type: "object",
    properties: { name: { type: "string", enum: tools.map(({ name }) => name), description: "The tool's name" } },
    required: ["name"],
  },
});

const chosenName = ({ toolCalls }: ChatResult, tools: readonly Tool[]): string | undefined => {
  try {
    const { name } = JSON.parse(toolCalls[0]?.argumentsText ?? "{}") as { name?: unknown };
    return tools.find((tool) => tool.name === name)?.name;
  } catch {
    return undefined;
  }
};
