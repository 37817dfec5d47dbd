import { anthropicDialect } from "./anthropic-messages/dialect.ts";
import type { Dialect, Protocol } from "./protocol.ts";
import { openaiChat } from "./openai-chat/index.ts";

/** Every protocol, one line each, in the order in which a path that two of them share belongs to the first. */
export const protocols: readonly Protocol[] = [
  openaiChat,
];

export const protocolNamed = (name: string): Protocol | undefined => protocols.find((protocol) => protocol.name === name);

/** The APIs whose clients tell themselves apart where several share a path, one line each. */
const dialects: readonly Dialect[] = [
  anthropicDialect,
];

/** What this client wants to be answered in; absent = it does not say. */
export const dialectOf = (request: Parameters<Dialect["isSpokenBy"]>[0]): Dialect | undefined => dialects.find((dialect) => dialect.isSpokenBy(request));
