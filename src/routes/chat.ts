import { collect, peekFirst, type BegunAnswer, type CallContext } from "../chat/call.ts";
import type { ChatRequest } from "../chat/request.ts";
import type { Finish, Usage } from "../chat/part.ts";
import type { Candidate, Catalog } from "../models/catalog.ts";
import { ClientLeftError, type Exchange } from "../policies/policy.ts";
import type { AnswerFacts, ChatEndpoint, DecodedRequest } from "../protocols/protocol.ts";
import type { Services } from "../services.ts";
import { readJsonBody } from "./json-body.ts";
import { toProxyError } from "./render-error.ts";
import type { Handler, Responder, Sink } from "./responder.ts";
import { watchSilence } from "./silence.ts";
import { writeStream } from "./write-stream.ts";

export interface ChatHandlerOptions {
  readonly endpoint: ChatEndpoint;
  readonly catalog: Catalog;
  /** Names of aliases that the route serves; absent = all. */
  readonly models: readonly string[] | undefined;
  /** How long a stream is silent before a keep-alive goes out, in milliseconds. */
  readonly keepAliveMs: number;
  readonly services: Services;
}

/** The handler of every chat endpoint, whatever the protocol: one path to the model, two endings. */
export const createChatHandler = (options: ChatHandlerOptions): Handler =>
  async function handleChat(exchange, responder) {
    const decoded = options.endpoint.decodeRequest(await readJsonBody(exchange));
    await answerChat(options, decoded, exchange, responder);
  };

/** Answers a decoded request; a WebSocket's frames come in here. */
export const answerChat = async (options: ChatHandlerOptions, decoded: DecodedRequest, exchange: Exchange, responder: Responder): Promise<void> => {
  const { endpoint, catalog, models, services } = options;
  exchange.record.alias = decoded.chat.model;
  exchange.record.isStreamed = decoded.isStreamed;
  const [candidate] = await catalog.candidates(decoded.chat.model, models);
  if (candidate === undefined) throw new Error("A catalog gave no candidate and no reason.");
  exchange.record.model = `${candidate.model.vendor}/${candidate.model.id}`;
  const answer: AnswerFacts = {
    id: exchange.id,
    model: decoded.chat.model,
    createdSeconds: Math.floor(services.clock.now() / 1000),
  };
  const begin = (): Promise<BegunAnswer> => beginAnswer(candidate, decoded.chat, exchange, services);
  if (decoded.isStreamed) return streamAnswer(options, decoded, answer, begin, exchange, responder);
  const begun = await untilClientLeaves(begin(), exchange.signal);
  const result = await readBegun(begun, collect(begun), exchange.signal);
  recordUsage(exchange, result.usage);
  responder.send({
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8", ...modelHeaders(exchange, result.warnings) },
    body: endpoint.encodeResult(result, answer, decoded.options),
  });
};

/** Asks the model and waits for the first content part. */
const beginAnswer = async ({ model }: Candidate, request: ChatRequest, exchange: Exchange, { clock }: Services): Promise<BegunAnswer> => {
  const startedAt = clock.monotonic();
  const context: CallContext = { signal: exchange.signal };
  const begun = await peekFirst(model.chat(request, context));
  // A model that cannot be stopped has begun for nobody.
  if (exchange.signal.aborted) release(begun);
  exchange.record.firstPartMs = clock.monotonic() - startedAt;
  return begun;
};

/**
 * Waits for the first part, then sends the status and the stream. A stream that stays silent too long is opened before
 * that, with a keep-alive; from then on a failure is told inside it.
 */
const streamAnswer = async (
  { endpoint, keepAliveMs, services }: ChatHandlerOptions,
  { options }: DecodedRequest,
  answer: AnswerFacts,
  begin: () => Promise<BegunAnswer>,
  exchange: Exchange,
  responder: Responder,
): Promise<void> => {
  const encoder = endpoint.encodeStream(answer, options);
  let sink: Sink | undefined;
  const open = (warnings: readonly string[] = []): Sink => (sink ??= responder.open(endpoint.framing, modelHeaders(exchange, warnings)));
  const silence = watchSilence(services.clock, keepAliveMs, () => open().keepAlive());
  try {
    const begun = await untilClientLeaves(begin(), exchange.signal);
    const warnings = begun.first.flatMap((part) => (part.type === "warning" ? [part.message] : []));
    const watcher = { written: silence.heard, finished: ({ usage }: Finish) => recordUsage(exchange, usage) };
    await readBegun(begun, writeStream(begun, encoder, open(warnings), watcher), exchange.signal);
  } catch (thrown) {
    if (sink === undefined || exchange.signal.aborted) throw thrown;
    const error = toProxyError(thrown, exchange, services.log);
    exchange.record.errorCode = error.code ?? error.type;
    encoder.fail(error, sink.emit);
    sink.end();
  } finally {
    silence.stop();
  }
};

/** What `work` makes of a begun answer. However that ends, also by the client's leaving, the host then runs its `finally`. */
const readBegun = async <Result>(begun: BegunAnswer, work: Promise<Result>, signal: AbortSignal): Promise<Result> => {
  try {
    return await untilClientLeaves(work, signal);
  } finally {
    release(begun);
  }
};

/** Nobody waits for it: a host that ignores its signal does so here too, and has nobody left to tell a failure to. */
const release = ({ rest }: BegunAnswer): void => void rest.return?.()?.catch(() => {});

/**
 * What `work` gives, or `ClientLeftError` the moment the client leaves: some models cannot be stopped, and nobody waits
 * for what they still have to say.
 */
const untilClientLeaves = <Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const leave = (): void => reject(new ClientLeftError());
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });

const recordUsage = (exchange: Exchange, usage: Usage | undefined): void => {
  if (usage === undefined) return;
  exchange.record.inputTokens = usage.inputTokens;
  exchange.record.outputTokens = usage.outputTokens;
};

/** Which model answered, and what it was asked for and did not do. */
const modelHeaders = ({ record }: Exchange, warnings: readonly string[]): Record<string, string> => ({
  ...(record.model === undefined ? {} : { "x-llm-proxy-model": headerText(record.model) }),
  ...(warnings.length === 0 ? {} : { "x-llm-proxy-warnings": headerText(warnings.join("; ")) }),
});

/** A header bears printable ASCII only. @see RFC 9110 section 5.5 */
const headerText = (text: string): string => text.replaceAll(/[^\u0020-\u007e]/g, "?").slice(0, 1000);
