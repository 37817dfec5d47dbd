import type { Protocol } from "./protocol.ts";
import { openaiChat } from "./openai-chat/index.ts";

/** Every protocol, one line each, in the order in which a path that two of them share belongs to the first. */
export const protocols: readonly Protocol[] = [
  openaiChat,
];

export const protocolNamed = (name: string): Protocol | undefined => protocols.find((protocol) => protocol.name === name);
