import { untilAborted } from "../chat/call.ts";
import type { StopSignal } from "../chat/stop-signal.ts";
import { embeddingsNotServed } from "../errors.ts";
import type { Catalog } from "../models/catalog.ts";
import { logInputs } from "../observability/content.ts";
import type { LoggingOptions } from "../observability/log.ts";
import { sinceStart } from "../observability/timings.ts";
import type { AskPolicy, Exchange } from "../policies/policy.ts";
import type { AnswerFacts, DecodedEmbedRequest, EmbedEndpoint } from "../protocols/protocol.ts";
import type { Services } from "../services.ts";
import { accessOf } from "./access.ts";
import { watchAnswer } from "./answer-watch.ts";
import { addHeaders, type AnswerOptions } from "./chat.ts";
import { readJsonBody } from "./json-body.ts";
import type { Handler } from "./responder.ts";

export interface EmbedHandlerOptions extends AnswerOptions {
  readonly endpoint: EmbedEndpoint;
  readonly catalog: Catalog;
  /** Whether a model may be asked now; absent = always. */
  readonly admit?: AskPolicy | undefined;
  readonly services: Services;
  readonly logging: Pick<LoggingOptions, "content">;
}

/**
 * Answers with texts as vectors, by the first model of the alias that makes them; another one's would be of another kind, so
 * nobody is asked after it. Throws `embeddingsNotServed` (400) where none does: the editor's models do not.
 */
export const createEmbedHandler = (options: EmbedHandlerOptions): Handler =>
  async function handleEmbed(exchange, responder) {
    const { endpoint, services, timeout } = options;
    await options.admit?.(exchange);
    const decoded = endpoint.decodeRequest(await readJsonBody(exchange, services.clock));
    const { model } = decoded.request;
    exchange.record.alias = model;
    exchange.record.operation = "embeddings";
    if (options.logging.content) logInputs(services.log, exchange.id, decoded.request);
    const watch = watchAnswer(timeout, exchange, services.clock);
    const body = await untilAborted(embed(options, decoded, exchange, watch.signal), watch.signal);
    const headers = exchange.record.model === undefined ? {} : { "x-llm-proxy-model": exchange.record.model.replaceAll(/[^\u0020-\u007e]/g, "?") };
    responder.send({ status: 200, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body });
  };

const embed = async (handler: EmbedHandlerOptions, { request, options }: DecodedEmbedRequest, exchange: Exchange, signal: StopSignal): Promise<string> => {
  const { endpoint, catalog, services } = handler;
  const candidates = await catalog.candidates(request.model, accessOf(exchange, handler));
  const able = candidates.find(({ model }) => model.embed !== undefined)?.model;
  if (able?.embed === undefined) throw embeddingsNotServed(request.model);
  exchange.record.model = `${able.vendor}/${able.id}`;
  const askedAt = services.clock.monotonic();
  exchange.record.chosenMs = sinceStart(exchange, services.clock);
  const result = await able.embed(request, { signal, onHeaders: (headers) => addHeaders(exchange, headers) });
  exchange.record.waitedMs = (exchange.record.waitedMs ?? 0) + services.clock.monotonic() - askedAt;
  exchange.record.inputTokens = result.inputTokens ?? 0;
  const answer: AnswerFacts = { id: exchange.id, model: request.model, createdSeconds: Math.floor(services.clock.now() / 1000) };
  return endpoint.encodeResult(result, answer, options);
};
