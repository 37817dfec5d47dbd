import type { Batch, Batches, CallContext, ChatCall, ChatResult } from "../chat/call.ts";
import type { StreamPart, Usage } from "../chat/part.ts";
import type { ChatRequest, Tool } from "../chat/request.ts";
import { unusableAnswer } from "../errors.ts";
import { addUsage } from "./add-usage.ts";
import type { Emulation } from "./emulation.ts";
import { instruct } from "./instruct.ts";
import { readAnswer } from "./read-answer.ts";

/**
 * Makes a model call a tool where one must be called. Among many, it is told that it must, which is mostly enough: most hosts
 * can force the call of a single tool only. Where it answers in words all the same, those are dropped, it is made to choose (by
 * the forced call of a tool that takes a tool's name) and then to call what it chose. A model that does not call even what its
 * host forces it to is told so once: servers that claim to force a call do not all keep to it. Parts flow from the first call on.
 */
export const requiredTool: Emulation = {
  isNeeded: ({ toolChoice, tools }) => (toolChoice === "required" || typeof toolChoice === "object") && tools.length > 0,
  around: (call, { model, can }) => (request, context) =>
    (request.toolChoice === "required" && request.tools.length > 1 && !can.has("required-of-many-tools") ? callSomeTool : callTheTool)(call, request, context, model),
};

const instruction = "Answer this turn by calling at least one of the tools that you were given. An answer in words alone cannot be used.";

async function* callSomeTool(call: ChatCall, request: ChatRequest, context: CallContext, model: string): Batches {
  const spent = yield* untilCalled(call(instruct({ ...request, toolChoice: "auto" }, instruction), context));
  if (spent !== "done") yield* forceCall(call, request, context, model, spent.usage);
}

async function* callTheTool(call: ChatCall, request: ChatRequest, context: CallContext, model: string): Batches {
  const name = typeof request.toolChoice === "object" ? request.toolChoice.name : undefined;
  const spent = yield* untilCalled(call(request, context), name);
  if (spent === "done") return;
  const told = name === undefined ? instruction : `${instruction} The tool to call is ${name}.`;
  const again = yield* untilCalled(addTo(spent.usage, call(instruct(request, told), context)), name);
  if (again !== "done") throw nothingCalled(model);
}

const nothingCalled = (model: string): Error =>
  unusableAnswer(model, "called none of the tools, though tool_choice says that it must. Ask for one tool by its name, or for another model.");

/**
 * Hands an answer on once it has called a tool, with the words before. Gives what an answer without such a call has cost, of
 * which only the warnings are handed on.
 * @param name the one tool that may be called; absent = any. Calls of others are left out.
 */
async function* untilCalled(batches: Batches, name?: string): AsyncGenerator<Batch, "done" | { readonly usage: Usage | undefined }> {
  const isWanted = name === undefined ? () => true : callsOnly(name);
  const held: StreamPart[] = [];
  let hasCalled = false;
  for await (const batch of batches) {
    const parts = batch.filter(isWanted);
    hasCalled ||= parts.some(({ type }) => type === "tool-call-start");
    if (!hasCalled) held.push(...parts);
    else if (parts.length > 0) yield [...held.splice(0), ...parts];
  }
  const last = held.at(-1);
  if (hasCalled || last === undefined) return "done";
  if (isFinal(held, last)) {
    yield held;
    return "done";
  }
  const warnings = held.filter(({ type }) => type === "warning");
  if (warnings.length > 0) yield warnings;
  return { usage: last.type === "finish" ? last.usage : undefined };
}

/** Ended without a last part, it is cut; ended by a limit, a filter or a refusal, asking again would end the same way. */
const isFinal = (parts: Batch, last: StreamPart): boolean =>
  last.type !== "finish" || last.finishReason === "length" || last.finishReason === "content-filter" || parts.some(({ type }) => type === "refusal-delta");

/** Two calls may have one id: what comes belongs to the later one. */
const callsOnly = (name: string): ((part: StreamPart) => boolean) => {
  const others = new Set<string>();
  return (part) => {
    if (part.type === "tool-call-start" && part.name !== name) others.add(part.id);
    else if (part.type === "tool-call-start") others.delete(part.id);
    return !("id" in part) || !others.has(part.id);
  };
};

/** The same answer, its usage with what was spent before it. */
async function* addTo(spent: Usage | undefined, batches: Batches): Batches {
  for await (const batch of batches) yield batch.map((part) => withUsage(part, spent));
}

/** Asks for a choice, then for the call. @param spent what was used up before */
async function* forceCall(call: ChatCall, request: ChatRequest, context: CallContext, model: string, spent: Usage | undefined): Batches {
  const chooser = chooserOf(request.tools);
  const { result } = await readAnswer(call({ ...request, tools: [chooser], toolChoice: { name: chooser.name } }, context));
  const chosen = chosenName(result, request.tools);
  if (chosen === undefined) throw nothingCalled(model);
  const forced = addTo(addUsage([spent, result.usage]), call({ ...request, toolChoice: { name: chosen } }, context));
  if ((yield* untilCalled(forced, chosen)) !== "done") throw nothingCalled(model);
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
