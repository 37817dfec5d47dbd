import type { ChatRequest, Tool } from "../chat/request.ts";
import type { Emulation } from "./emulation.ts";

/** What Copilot and OpenAI take at most; beyond it they refuse the whole request. */
const mostTools = 128;

/**
 * Leaves tools out where there are more than any provider takes, and says so: first those that the conversation has not
 * used, the last ones of the list before the others. The client sees which by their names in the warning.
 */
export const manyTools: Emulation = {
  // A choice by name sends that tool alone, and the choice of none sends none.
  isNeeded: ({ tools, toolChoice }, can) => tools.length > mostTools && (toolChoice === "auto" || toolChoice === "required") && !can.has("any-number-of-tools"),
  around: (call) => async function* withFewerTools(request, context) {
    const kept = keepMostUseful(request);
    const left = request.tools.filter((tool) => !kept.includes(tool));
    const names = left.map(({ name }) => name).join(", ");
    yield [{ type: "warning", message: `${left.length} of ${request.tools.length} tools are not passed on, a model takes ${mostTools}: ${names}` }];
    yield* call({ ...request, tools: kept }, context);
  },
};

const keepMostUseful = ({ tools, messages }: ChatRequest): readonly Tool[] => {
  const used = new Set(messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls.map(({ name }) => name) : [])));
  const inUse = tools.filter(({ name }) => used.has(name)).slice(0, mostTools);
  const others = tools.filter((tool) => !inUse.includes(tool)).slice(0, mostTools - inUse.length);
  return tools.filter((tool) => inUse.includes(tool) || others.includes(tool));
};
