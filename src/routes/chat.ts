import { collect, untilAborted, wholeAnswer, type AskContext, type BegunAnswer } from "../chat/call.ts";
import type { Usage } from "../chat/part.ts";
import type { Catalog } from "../models/catalog.ts";
import { logContent } from "../observability/content.ts";
import type { LoggingOptions } from "../observability/log.ts";
import { withSettings } from "../models/request-settings.ts";
import { serverTiming, sinceStart } from "../observability/timings.ts";
import type { Admission, AskPolicy, Exchange } from "../policies/policy.ts";
import type { RetryOptions } from "../policies/retry.ts";
import type { TimeoutOptions } from "../policies/timeout.ts";
import type { AnswerFacts, ChatEndpoint, DecodedRequest } from "../protocols/protocol.ts";
import type { Clock, Services } from "../services.ts";
import { accessOf } from "./access.ts";
import { watchAnswer, type AnswerWatch } from "./answer-watch.ts";
import { ExchangeStory, type JoinCandidates } from "./ask.ts";
import { readJsonBody } from "./json-body.ts";
import { attemptHeader, toProxyError } from "./render-error.ts";
import type { Handler, Responder, Sink } from "./responder.ts";
import { watchSilence } from "./silence.ts";
import { writeStream, type StreamWatcher } from "./write-stream.ts";

/** What a route says of its answers. */
export interface AnswerOptions {
  /** Names of aliases that the route serves; absent = all. */
  readonly models?: readonly string[];
  readonly timeout: TimeoutOptions;
  readonly retry: RetryOptions;
  /** How long a stream is silent before a keep-alive goes out, in milliseconds; 0 = none. */
  readonly keepAliveMs: number;
}

export interface ChatHandlerOptions extends AnswerOptions {
  readonly endpoint: ChatEndpoint;
  readonly catalog: Catalog;
  /** Whether a model may be asked now; absent = always. */
  readonly admit?: AskPolicy | undefined;
  readonly join: JoinCandidates;
  readonly services: Services;
  readonly logging: Pick<LoggingOptions, "content">;
}

/** The handler of every chat endpoint, whatever the protocol: one path to the model, two endings. */
export const createChatHandler = (options: ChatHandlerOptions): Handler =>
  function handleChat(exchange, responder) {
    const answer = (admission?: Admission): Promise<void> =>
      readJsonBody(exchange, options.services.clock).then((body) => answerChat(options, options.endpoint.decodeRequest(body), admission, exchange, responder));
    return options.admit === undefined ? answer() : options.admit(exchange).then(answer);
  };

/** Answers a decoded request that was let in; a WebSocket's frames come in here. */
export const answerChat = async (options: ChatHandlerOptions, decoded: DecodedRequest, admission: Admission | undefined, exchange: Exchange, responder: Responder): Promise<void> => {
  const { catalog, timeout, services: { clock, log } } = options;
  const { model } = decoded.chat;
  admission?.began(decoded.chat.choiceCount ?? 1);
  recordRequest(exchange, decoded, options);
  const watch = watchAnswer(timeout, exchange, clock);
  const access = accessOf(exchange, options);
  const alias = catalog.alias(model, access);
  const found = catalog.candidates(model, access, timeout.firstToken.ms || Infinity);
  const candidates = found instanceof Promise ? await untilAborted(found, watch.signal) : found;
  exchange.record.chosenMs = sinceStart(exchange, clock);
  const joined = options.join(candidates, alias.fallbackOn);
  const counted = admission?.around(joined) ?? joined;
  const ask = options.logging.content ? logContent(log, exchange.id)(counted) : counted;
  const context: AskContext = { signal: watch.signal, story: new ExchangeStory(exchange, log), onHeaders: (headers) => addHeaders(exchange, headers) };
  const begin = (): Promise<BegunAnswer> => beginAnswer(ask(withSettings(decoded.chat, alias), context), exchange, clock, watch);
  const chat: Chat = { options, decoded, facts: answerFacts(exchange, model, clock), begin, exchange, responder, watch };
  return decoded.isStreamed ? streamAnswer(chat) : sendAnswer(chat);
};

/** One request whose models are known, and all that its answer needs. */
interface Chat {
  readonly options: ChatHandlerOptions;
  readonly decoded: DecodedRequest;
  readonly facts: AnswerFacts;
  /** Asks; once. */
  readonly begin: () => Promise<BegunAnswer>;
  readonly exchange: Exchange;
  readonly responder: Responder;
  readonly watch: AnswerWatch;
}

const recordRequest = ({ id, record }: Exchange, { chat, isStreamed, unreadFields = [] }: DecodedRequest, { endpoint, services: { log } }: ChatHandlerOptions): void => {
  record.alias = chat.model;
  record.isStreamed = isStreamed;
  record.operation = endpoint.operation;
  if (unreadFields.length > 0) log.debug("fields not read", { id, fields: unreadFields });
};

/** Waits for the whole answer, then sends it. */
const sendAnswer = async ({ options: { endpoint, services }, decoded, facts, begin, exchange, responder, watch }: Chat): Promise<void> => {
  const begun = await begin();
  const result = wholeAnswer(begun) ?? await watch.whileReading(begun, collect(begun, watch));
  recordUsage(exchange, result.usage);
  recordWarnings(exchange, result.warnings);
  responder.send({
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8", ...modelHeaders(exchange, result.warnings, services.clock) },
    body: endpoint.encodeResult(result, facts, decoded.options),
  });
};

const answerFacts = ({ id, responseHeaders }: Exchange, model: string, clock: Clock): AnswerFacts => {
  const generation = responseHeaders["x-llm-proxy-config"];
  return { id, model, createdSeconds: Math.floor(clock.now() / 1000), ...(generation === undefined ? {} : { fingerprint: `fp_${generation}` }) };
};

/** Waits for the first content part, and notes how long it took to come. */
const beginAnswer = async (asked: Promise<BegunAnswer>, exchange: Exchange, clock: Clock, watch: AnswerWatch): Promise<BegunAnswer> => {
  watch.waitForFirstPart();
  let partCount = 0;
  try {
    const begun = await asked;
    exchange.record.firstPartMs = sinceStart(exchange, clock);
    for (const { type } of begun.first) if (type !== "warning") partCount += 1;
    return begun;
  } finally {
    watch.resumed(partCount);
  }
};

/** A model's limits are told where this proxy has none of its own: its own are set before a model is asked. */
export const addHeaders = ({ responseHeaders }: Exchange, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) responseHeaders[name] ??= value;
};

/**
 * Waits for the first part, then sends the status and the stream. A stream that stays silent too long is opened before
 * that, with a keep-alive; from then on a failure is told inside it.
 */
const streamAnswer = async ({ options: { endpoint, keepAliveMs, services }, decoded, facts, begin, exchange, responder, watch }: Chat): Promise<void> => {
  const encoder = endpoint.encodeStream(facts, decoded.options);
  let sink: Sink | undefined;
  const open = (warnings: readonly string[] = []): Sink => (sink ??= responder.open(endpoint.framing, modelHeaders(exchange, warnings, services.clock)));
  const silence = watchSilence(services.clock, keepAliveMs, () => open().keepAlive());
  silence.heard();
  const watcher: StreamWatcher = {
    signal: watch.signal,
    waitForModel() {
      silence.heard();
      watch.waitForModel();
    },
    waitForClient() {
      silence.pause();
      watch.waitForClient();
    },
    resumed: watch.resumed,
    finished: ({ usage }) => recordUsage(exchange, usage),
  };
  try {
    const begun = await begin();
    const warnings = begun.first.flatMap((part) => (part.type === "warning" ? [part.message] : []));
    recordWarnings(exchange, warnings);
    await watch.whileReading(begun, writeStream(begun, encoder, open(warnings), watcher));
  } catch (thrown) {
    if (sink === undefined || exchange.clientLeft) throw thrown;
    const error = toProxyError(thrown, exchange, services.log);
    exchange.record.errorCode = error.code ?? error.type;
    encoder.fail(error, sink.emit);
    sink.end();
  } finally {
    silence.stop();
  }
};

const recordUsage = (exchange: Exchange, usage: Usage | undefined): void => {
  if (usage === undefined) return;
  exchange.record.inputTokens = usage.inputTokens;
  exchange.record.outputTokens = usage.outputTokens;
};

const recordWarnings = ({ record }: Exchange, warnings: readonly string[]): void => {
  if (warnings.length > 0) record.warnings = warnings;
};

/** Which model answered, at which attempt, and what it was asked for and did not do. */
const modelHeaders = (exchange: Exchange, warnings: readonly string[], clock: Clock): Record<string, string> => {
  const { record } = exchange;
  const headers: Record<string, string> = { "server-timing": serverTiming(record, sinceStart(exchange, clock)), ...attemptHeader(record) };
  if (record.model !== undefined) headers["x-llm-proxy-model"] = headerText(record.model);
  if (warnings.length > 0) headers["x-llm-proxy-warnings"] = headerText(warnings.join("; "));
  return headers;
};

/** A header bears printable ASCII only. @see RFC 9110 section 5.5 */
const headerText = (text: string): string => (/^[ -~]{0,1000}$/.test(text) ? text : text.replaceAll(/[^ -~]/g, "?").slice(0, 1000));
