import type { ChatRequest, Message } from "../chat/request.ts";

/** The same request with one more instruction, after those that it begins with: a conversation's start stays as it was. */
export const instruct = (request: ChatRequest, text: string): ChatRequest => {
  const { messages } = request;
  const firstTurn = messages.findIndex(({ role }) => role !== "system");
  const start = firstTurn === -1 ? messages.length : firstTurn;
  const instruction: Message = { role: "system", content: [{ type: "text", text }] };
  return { ...request, messages: [...messages.slice(0, start), instruction, ...messages.slice(start)] };
};
