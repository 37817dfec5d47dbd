import type { Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { StreamPart } from "../chat/part.ts";
import type { ChatRequest, Message, Tool, ToolChoice } from "../chat/request.ts";
import type { Emulation } from "./emulation.ts";

/** What every provider takes: OpenAI, Anthropic and Copilot these characters, Gemini a letter or _ first and 64 in all. */
const acceptable = /^[A-Za-z_][\w-]{0,63}$/;
const mostCharacters = 64;

/**
 * Gives tools names that a model's provider takes, throughout the conversation, and calls them by the client's names again in the
 * answer. Two tools of one name become two names, and both come back as the one.
 */
export const toolNames: Emulation = {
  isNeeded: (request, can) => !can.has("any-tool-name") && (hasRefused(request.tools) || hasTwins(request.tools) || request.messages.some((message) => message.role === "assistant" && hasRefused(message.toolCalls))),
  around: (call) => (request, context) => renamed(call, request, context),
};

const hasRefused = (named: readonly { readonly name: string }[]): boolean => named.some(({ name }) => !acceptable.test(name));
const hasTwins = (tools: readonly Tool[]): boolean => new Set(tools.map(({ name }) => name)).size < tools.length;

async function* renamed(call: ChatCall, request: ChatRequest, context: CallContext): Batches {
  const names = createNames(request);
  const restore = (part: StreamPart): StreamPart => (part.type === "tool-call-start" ? { ...part, name: names.original(part.name) } : part);
  for await (const batch of call(names.rename(request), context)) yield batch.map(restore);
}

interface Names {
  rename(request: ChatRequest): ChatRequest;
  /** A name that is none of ours is the model's own invention, and the client's to deal with. */
  original(name: string): string;
}

const createNames = ({ tools }: ChatRequest): Names => {
  const originals = new Map<string, string>();
  const taken = new Set(tools.map(({ name }) => name).filter((name) => acceptable.test(name)));
  const safeTools = tools.map((tool) => {
    const safe = acceptable.test(tool.name) && !originals.has(tool.name) ? tool.name : freeName(tool.name, (name) => taken.has(name));
    taken.add(safe);
    originals.set(safe, tool.name);
    return { ...tool, name: safe };
  });
  const safeNames = new Map([...originals].toReversed().map(([safe, original]) => [original, safe]));
  // Calls of earlier turns may name tools that are no longer offered.
  const safe = (name: string): string => safeNames.get(name) ?? (acceptable.test(name) ? name : freeName(name, () => false));
  return {
    rename: (request) => ({ ...request, tools: safeTools, toolChoice: renameChoice(request.toolChoice, safe), messages: request.messages.map((message) => renameCalls(message, safe)) }),
    original: (name) => originals.get(name) ?? name,
  };
};

const renameChoice = (choice: ToolChoice, safe: (name: string) => string): ToolChoice => (typeof choice === "string" ? choice : { name: safe(choice.name) });

const renameCalls = (message: Message, safe: (name: string) => string): Message =>
  message.role === "assistant" ? { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, name: safe(call.name) })) } : message;

/** `read.file` -> `read_file`, or `read_file_2` where that is taken. */
const freeName = (name: string, isTaken: (name: string) => boolean): string => {
  const clean = name.replaceAll(/[^\w-]/g, "_").replace(/^(?![A-Za-z_])/, "_").slice(0, mostCharacters);
  let candidate = clean;
  for (let number = 2; isTaken(candidate); number += 1) {
    const ending = `_${number}`;
    candidate = clean.slice(0, mostCharacters - ending.length) + ending;
  }
  return candidate;
};
