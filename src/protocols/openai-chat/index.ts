import type { ChatEndpoint, Protocol } from "../protocol.ts";
import { serverSentEvents } from "../framing.ts";
import { decodeRequest, type ChatOptions } from "./decode-request.ts";
import { encodeError } from "./encode-error.ts";
import { encodeModel, encodeModels, encodeResult } from "./encode-result.ts";
import { encodeStream } from "./encode-stream.ts";

const chatCompletions: ChatEndpoint<ChatOptions> = {
  kind: "chat",
  method: "POST",
  path: "chat/completions",
  framing: serverSentEvents,
  acceptsWebSocket: true,
  decodeRequest,
  encodeResult,
  encodeStream,
};

/** OpenAI's chat completions, what most tools speak. */
export const openaiChat: Protocol = {
  name: "openai-chat",
  endpoints: [
    chatCompletions,
    { kind: "models", method: "GET", path: "models", encodeModels },
    { kind: "model", method: "GET", path: "models", encodeModel },
  ],
  encodeError,
};
