import type { ChatEndpoint, EmbedEndpoint, Protocol } from "../protocol.ts";
import { serverSentEvents } from "../framing.ts";
import { decodeCompletion, type CompletionOptions } from "./decode-completion.ts";
import { decodeRequest, type ChatOptions } from "./decode-request.ts";
import { decodeEmbedRequest, encodeEmbedResult, type EmbedOptions } from "./embeddings.ts";
import { encodeCompletion, encodeCompletionStream } from "./encode-completion.ts";
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

/** What there was before conversations; editors and old scripts still ask for it. */
const completions: ChatEndpoint<CompletionOptions> = {
  kind: "chat",
  method: "POST",
  path: "completions",
  operation: "text_completion",
  framing: serverSentEvents,
  acceptsWebSocket: false,
  decodeRequest: decodeCompletion,
  encodeResult: encodeCompletion,
  encodeStream: encodeCompletionStream,
};

const embeddings: EmbedEndpoint<EmbedOptions> = {
  kind: "embed",
  method: "POST",
  path: "embeddings",
  decodeRequest: decodeEmbedRequest,
  encodeResult: encodeEmbedResult,
};

/** OpenAI's chat completions, what most tools speak. */
export const openaiChat: Protocol = {
  name: "openai-chat",
  endpoints: [
    chatCompletions,
    completions,
    embeddings,
    { kind: "models", method: "GET", path: "models", encodeModels },
    { kind: "model", method: "GET", path: "models", encodeModel },
  ],
  encodeError,
};
