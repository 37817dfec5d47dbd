import type { AssistantMessage, Message, ToolMessage, UserMessage } from "../chat/request.ts";
import type { Emulation } from "./emulation.ts";

/**
 * Puts each tool call's result right behind the message that called, where providers look for it and refuse the whole
 * conversation if it is not there. Agents interrupt themselves: a call without a result gets one that says so, and a result
 * without a call becomes what a user says. A conversation that is in order is left as it is, and so are its ids.
 */
export const pairedResults: Emulation = {
  isNeeded: ({ messages }) => messages.some(({ role }) => role === "tool" || role === "assistant") && !isInOrder(messages, pairResults(messages)),
  around: (call) => (request, context) => call({ ...request, messages: pairResults(request.messages) }, context),
};

const isInOrder = (messages: readonly Message[], paired: readonly Message[]): boolean =>
  messages.length === paired.length && messages.every((message, index) => message === paired[index]);

/** @returns the very same messages where nothing is to be done */
export const pairResults = (messages: readonly Message[]): readonly Message[] => {
  const paired: Message[] = [];
  let index = 0;
  while (index < messages.length) {
    const turn = turnFrom(messages, index);
    paired.push(...pairTurn(turn));
    index += turn.length;
  }
  return paired;
};

/** Up to the next message that calls tools: ids may be used anew from there on. */
const turnFrom = (messages: readonly Message[], start: number): readonly Message[] => {
  const end = messages.findIndex((message, index) => index > start && callsTools(message));
  return messages.slice(start, end === -1 ? undefined : end);
};

const callsTools = (message: Message): message is AssistantMessage => message.role === "assistant" && message.toolCalls.length > 0;

const pairTurn = (turn: readonly Message[]): readonly Message[] => {
  const [first, ...others] = turn;
  const calls = first !== undefined && callsTools(first) ? first.toolCalls : [];
  const left = turn.filter((message) => message.role === "tool");
  const take = (id: string): ToolMessage | undefined => {
    const index = left.findIndex(({ toolCallId }) => toolCallId === id);
    return index === -1 ? undefined : left.splice(index, 1)[0];
  };
  // In the order in which they came, which is not always that of the calls.
  const results = calls.map(({ id }) => take(id) ?? missingResult(id));
  const inOrder = [...others.filter((message) => message.role === "tool" && results.includes(message)), ...results.filter((result) => !others.includes(result))];
  const rest = (calls.length > 0 ? others : turn).filter((message) => !(message.role === "tool" && results.includes(message)));
  return [...(calls.length > 0 && first !== undefined ? [first] : []), ...inOrder, ...rest.map((message) => (message.role === "tool" ? asUser(message) : message))];
};

const missingResult = (toolCallId: string): ToolMessage =>
  ({ role: "tool", toolCallId, content: [{ type: "text", text: "This call was not run: there is no result." }] });

const asUser = ({ content }: ToolMessage): UserMessage => ({ role: "user", content: [{ type: "text", text: "Result of an earlier tool call:\n" }, ...content] });
