import type { Batch, ChatResult } from "../chat/call.ts";
import type { EmbedRequest, EmbedResult } from "../chat/embedding.ts";
import type { ChatRequest } from "../chat/request.ts";
import type { ProxyError } from "../errors.ts";
import type { Framing } from "./framing.ts";

/** A wire format: what it listens for under a route's path, and how it reads and writes. Pure: text in, text out. */
export interface Protocol {
  /** As written under `protocols:`, in the log and in metric labels. */
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  /** The body of an error answer. @param requestId is shown by protocols whose shape has room for it */
  encodeError(error: ProxyError, requestId: string): string;
}

export type Endpoint = ChatEndpoint | EmbedEndpoint | ModelListEndpoint | ModelEndpoint;

/** Asks a model. `Options` is what the answer's shape depends on and the model need not know. */
export interface ChatEndpoint<Options = unknown> {
  readonly kind: "chat";
  readonly method: "POST";
  /** Below the route's path, without a slash at its start. */
  readonly path: string;
  readonly framing: Framing;
  /** What it asks of a model, where that is not to chat: a word of the metrics. */
  readonly operation?: "text_completion";
  /** @param body parsed JSON. Throws `invalidField` naming the field. Unknown fields are left alone: agents send many. */
  decodeRequest(body: unknown): DecodedRequest<Options>;
  /** The JSON text of a whole answer. */
  encodeResult(result: ChatResult, answer: AnswerFacts, options: Options): string;
  encodeStream(answer: AnswerFacts, options: Options): StreamEncoder;
  /** Whether a WebSocket on the same path takes request bodies as frames. */
  readonly acceptsWebSocket: boolean;
}

export interface DecodedRequest<Options = unknown> {
  readonly chat: ChatRequest;
  readonly isStreamed: boolean;
  readonly options: Options;
  /** Fields that nobody here reads, for the log. Never what is in them. */
  readonly unreadFields?: readonly string[];
}

/** The same for every part of one answer. */
export interface AnswerFacts {
  /** Unique; a protocol puts its own prefix before it. */
  readonly id: string;
  /** The alias that the client asked for, never the model behind it. */
  readonly model: string;
  /** Seconds since the epoch. */
  readonly createdSeconds: number;
  /** Changes when what answers may have changed: names the configuration that the request was answered under. */
  readonly fingerprint?: string;
}

/** Takes one event of a stream; the sink behind it frames it: for HTTP as the endpoint says, for a WebSocket as a message. */
export type Emit = (data: string, event?: string) => void;

/** Turns the batches of one answer into the events of its stream, in order. What one call emits leaves in one write. */
export interface StreamEncoder {
  encode(batch: Batch, emit: Emit): void;
  /** What follows the last batch, after a `finish` part. */
  end(emit: Emit): void;
  /** The stream's end after a failure. No client may take it for a clean one. */
  fail(error: ProxyError, emit: Emit): void;
}

/** Makes vectors of texts. */
export interface EmbedEndpoint<Options = unknown> {
  readonly kind: "embed";
  readonly method: "POST";
  readonly path: string;
  /** @param body parsed JSON. Throws `invalidField` naming the field. */
  decodeRequest(body: unknown): DecodedEmbedRequest<Options>;
  encodeResult(result: EmbedResult, answer: AnswerFacts, options: Options): string;
}

export interface DecodedEmbedRequest<Options = unknown> {
  readonly request: EmbedRequest;
  readonly options: Options;
}

export interface ModelListEndpoint {
  readonly kind: "models";
  readonly method: "GET";
  readonly path: string;
  encodeModels(models: readonly ModelEntry[]): string;
}

/** One model by its id, which may hold slashes: `path` is followed by a slash and the id. */
export interface ModelEndpoint {
  readonly kind: "model";
  readonly method: "GET";
  readonly path: string;
  encodeModel(model: ModelEntry): string;
}

/**
 * The shapes that an API has for what all APIs have under the same paths: lists of models, and errors where no other
 * protocol was asked. A client says in a header that it means this API.
 */
export interface Dialect extends Pick<ModelListEndpoint, "encodeModels">, Pick<ModelEndpoint, "encodeModel">, Pick<Protocol, "encodeError"> {
  isSpokenBy(request: { header(name: string): string | undefined }): boolean;
}

/** What a client may know of a name it can ask for. */
export interface ModelEntry {
  readonly id: string;
  readonly description?: string;
  /** Who answers, such as `copilot`; absent while nobody can. */
  readonly owner?: string;
  /** Seconds since the epoch. */
  readonly createdSeconds: number;
}
