import type { AliasOptions } from "../models/catalog.ts";
import type { ExchangeRecord } from "../policies/policy.ts";
import type { Clock } from "../services.ts";
import { createKnownNames, type KnownNames } from "./known-names.ts";
import { createRecent, type Spans } from "./recent.ts";
import { createCounter, createGauge, createHistogram, createSeries, type LabelValues, type Observed, type Samples } from "./series.ts";

/**
 * The one set of figures of a proxy: status bar, `/health`, log and metrics all read from here, so they cannot disagree.
 * It outlives reloads, and is of constant size whatever clients send.
 */
export interface Figures {
  /** Counts the requests of one listener. */
  of(listener: string): ListenerFigures;
  /** A configuration came into force, or did not. */
  reloaded(result: ReloadResult): void;
  /** From now on these are the models that have a label of their own. @param areKept whether metrics are: without, only what `totals` tells */
  configured(models: readonly Pick<AliasOptions, "name" | "targets">[], areKept: boolean): void;
  readonly metrics: readonly Samples[];
  totals(): Totals;
}

export type ReloadResult = "applied" | "unchanged" | "rejected";

export interface ListenerFigures {
  /** A request has come in. */
  began(): void;
  /** It is over: once for each that began. */
  ended(record: ExchangeRecord, ending: ExchangeEnding): void;
}

export interface ExchangeEnding {
  readonly durationMs: number;
  readonly clientLeft: boolean;
}

export interface Totals {
  readonly requests: number;
  readonly active: number;
  /** Answers with a status from 500 on and failures inside a stream, as a share of all; 0 while there is none. */
  readonly errorRate: number;
  /** Of requests to models, in milliseconds, as is all that follows: from their arrival to the end of their answer. */
  readonly duration: Spans;
  /** Until every policy had let them in. */
  readonly admission: Spans;
  /** Until it was known which model to ask, once they were read. */
  readonly choice: Spans;
  /** From their arrival to the first part of their answer. */
  readonly timeToFirstToken: Spans;
  /** For each part of their answer after the first. */
  readonly timePerPart: Spans;
  /** All but waiting for the model and the client. */
  readonly overhead: Spans;
}

/** What is observed of answers of one model to one alias. */
interface ModelSeries {
  readonly labels: LabelValues;
  duration?: Observed;
  firstToken?: Observed;
  perToken?: Observed;
  inputTokens?: Observed;
  outputTokens?: Observed;
}

/** Bucket bounds as OpenTelemetry's conventions for generative AI advise. @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ */
const durationBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const firstTokenBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const perTokenBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const tokenBounds = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const overheadBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

const modelLabels = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model", "error_type"];

export const createFigures = (clock: Pick<Clock, "monotonic">, version: string): Figures => {
  const requests = createCounter({ name: "llm_proxy_requests_total", help: "Requests that were answered or left by their client.", labelNames: ["route", "protocol", "status"] });
  const inFlight = createGauge({ name: "llm_proxy_in_flight_requests", help: "Requests that are being answered.", labelNames: ["listener"] });
  const overhead = createHistogram({ name: "llm_proxy_overhead_seconds", help: "Time of a request that was not spent waiting for a model or its client.", labelNames: ["route"], bounds: overheadBounds });
  const authFailures = createCounter({ name: "llm_proxy_auth_failures_total", help: "Requests without an accepted key.", labelNames: ["reason"] });
  const rateLimited = createCounter({ name: "llm_proxy_rate_limited_total", help: "Requests that a limit refused.", labelNames: ["scope", "limit"] });
  const retries = createCounter({ name: "llm_proxy_retries_total", help: "Models that were asked again after a failure." });
  const fallbacks = createCounter({ name: "llm_proxy_fallbacks_total", help: "Failures after which the next model of an alias was asked.", labelNames: ["model", "reason"] });
  const disconnects = createCounter({ name: "llm_proxy_client_disconnects_total", help: "Clients that left before their answer was complete.", labelNames: ["phase"] });
  const reloads = createCounter({ name: "llm_proxy_config_reloads_total", help: "Configurations that were read.", labelNames: ["result"] });
  const lastReload = createGauge({ name: "llm_proxy_config_last_reload_successful", help: "1 where the last configuration that was read is in force." });
  const build = createGauge({ name: "llm_proxy_build_info", help: "Always 1; its label tells the version.", labelNames: ["version"] });
  const duration = createHistogram({ name: "gen_ai_server_request_duration_seconds", help: "From a request to the end of its answer.", labelNames: modelLabels, bounds: durationBounds });
  const firstToken = createHistogram({ name: "gen_ai_server_time_to_first_token_seconds", help: "From a request to the first part of its answer.", labelNames: modelLabels, bounds: firstTokenBounds });
  const perToken = createHistogram({ name: "gen_ai_server_time_per_output_token_seconds", help: "Time for each token after the first part.", labelNames: modelLabels, bounds: perTokenBounds });
  const tokens = createHistogram({ name: "gen_ai_client_token_usage", help: "Tokens of prompts and answers.", labelNames: [...modelLabels, "gen_ai_token_type"], bounds: tokenBounds });
  const spans = {
    duration: createRecent(clock),
    admission: createRecent(clock),
    choice: createRecent(clock),
    timeToFirstToken: createRecent(clock),
    timePerPart: createRecent(clock),
    overhead: createRecent(clock),
  };
  const totals = { requests: 0, active: 0, errors: 0 };
  let known: KnownNames = createKnownNames([]);
  let areKept = true;
  build.add([version], 1);
  // What is known to come is there from the start: a rate over something that appears with its first count misses that one.
  retries.add([], 0);
  for (const result of ["applied", "unchanged", "rejected"]) reloads.add([result], 0);
  for (const reason of ["missing", "invalid", "expired", "other-route"]) authFailures.add([reason], 0);
  for (const phase of ["before-first-part", "in-stream"]) disconnects.add([phase], 0);

  const observeSpans = (record: ExchangeRecord, durationMs: number, overheadMs: number): void => {
    const now = clock.monotonic();
    const { admittedMs, readMs, chosenMs, firstPartMs, partCount = 0 } = record;
    spans.duration.observe(durationMs, now);
    spans.overhead.observe(overheadMs, now);
    if (admittedMs !== undefined) spans.admission.observe(admittedMs, now);
    if (chosenMs !== undefined) spans.choice.observe(chosenMs - (readMs ?? admittedMs ?? 0), now);
    if (firstPartMs === undefined) return;
    spans.timeToFirstToken.observe(firstPartMs, now);
    // The first has its own time, and the end is none.
    const later = partCount - 2;
    if (later > 0) spans.timePerPart.observe((durationMs - firstPartMs) / later, now);
  };
  // One look-up for an answer, and not one for each of its metrics, which are made when there is something for them.
  const ofModels = createSeries(modelLabels, (labels): ModelSeries => ({ labels }));
  const observeModel = (record: ExchangeRecord, durationMs: number): void => {
    const model = ofModels.at(labelsOf(record, known));
    const { inputTokens, outputTokens, firstPartMs } = record;
    (model.duration ??= duration.of(model.labels)).observe(durationMs / 1000);
    if (inputTokens !== undefined) (model.inputTokens ??= tokens.of([...model.labels, "input"])).observe(inputTokens);
    if (outputTokens !== undefined) (model.outputTokens ??= tokens.of([...model.labels, "output"])).observe(outputTokens);
    if (firstPartMs === undefined) return;
    (model.firstToken ??= firstToken.of(model.labels)).observe(firstPartMs / 1000);
    if (outputTokens !== undefined && outputTokens > 1) (model.perToken ??= perToken.of(model.labels)).observe(Math.max(0, durationMs - firstPartMs) / 1000 / (outputTokens - 1));
  };
  const observeExchange = (record: ExchangeRecord, { durationMs, clientLeft }: ExchangeEnding, overheadMs: number): void => {
    const route = record.route ?? "unmatched";
    // 499, as proxies have it: the client left before there was a status.
    requests.add([route, record.protocol ?? "", String(record.status ?? 499)]);
    if (clientLeft) disconnects.add([record.firstPartMs === undefined ? "before-first-part" : "in-stream"]);
    if (record.authFailure !== undefined) authFailures.add([record.authFailure]);
    if (record.rateLimited !== undefined) rateLimited.add([record.rateLimited.scope, record.rateLimited.limit]);
    if (record.retries !== undefined) retries.add([], record.retries);
    for (const reason of record.fallbacks ?? []) fallbacks.add([known.alias(record.alias ?? ""), String(reason)]);
    overhead.observe([route], overheadMs / 1000);
    if (record.alias !== undefined) observeModel(record, durationMs);
  };

  return {
    of(listener) {
      const labels = [listener];
      return {
        began() {
          totals.active += 1;
          inFlight.add(labels, 1);
        },
        ended(record, ending) {
          totals.active -= 1;
          totals.requests += 1;
          inFlight.add(labels, -1);
          if (!ending.clientLeft && hasFailed(record)) totals.errors += 1;
          const overheadMs = Math.max(0, ending.durationMs - (record.waitedMs ?? 0));
          if (record.alias !== undefined) observeSpans(record, ending.durationMs, overheadMs);
          if (areKept) observeExchange(record, ending, overheadMs);
        },
      };
    },
    reloaded(result) {
      reloads.add([result]);
      lastReload.set([], result === "rejected" ? 0 : 1);
    },
    configured(models, kept) {
      known = createKnownNames(models);
      areKept = kept;
    },
    metrics: [requests, inFlight, overhead, authFailures, rateLimited, retries, fallbacks, disconnects, reloads, lastReload, build, duration, firstToken, perToken, tokens],
    totals: () => ({
      requests: totals.requests,
      active: totals.active,
      errorRate: totals.requests === 0 ? 0 : totals.errors / totals.requests,
      duration: spans.duration.summary(),
      admission: spans.admission.summary(),
      choice: spans.choice.summary(),
      timeToFirstToken: spans.timeToFirstToken.summary(),
      timePerPart: spans.timePerPart.summary(),
      overhead: spans.overhead.summary(),
    }),
  };
};

const hasFailed = ({ status = 0, errorCode }: ExchangeRecord): boolean => status >= 500 || (status === 200 && errorCode !== undefined);

/** A name that no configuration has is `other`, and so is a model that answered nothing: neither is bounded by anybody. */
const labelsOf = ({ alias = "", model, errorCode, operation }: ExchangeRecord, known: KnownNames): readonly string[] => {
  const requestModel = known.alias(alias);
  const isSure = model !== undefined && (errorCode === undefined || requestModel === alias);
  const vendor = isSure ? model.slice(0, model.indexOf("/")) : "other";
  return [operation ?? "chat", vendor, requestModel, isSure ? known.model(vendor, model) : "other", errorCode ?? ""];
};
