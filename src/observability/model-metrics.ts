import type { ExchangeRecord } from "../policies/policy.ts";
import type { ExchangeEnding } from "./figures.ts";
import type { KnownNames } from "./known-names.ts";
import { modelLabels, type Metrics } from "./metrics.ts";
import { createSeries, type LabelValues, type Observed } from "./series.ts";

/** What is observed of answers of one model to one alias. */
interface ModelSeries {
  readonly labels: LabelValues;
  duration?: Observed;
  firstToken?: Observed;
  perToken?: Observed;
  inputTokens?: Observed;
  outputTokens?: Observed;
}

/** Observes what is measured of models, for requests that asked for one. */
export const createModelMetrics = ({ duration, firstToken, perToken, tokens }: Pick<Metrics, "duration" | "firstToken" | "perToken" | "tokens">) => {
  // One look-up for an answer, and not one for each of its metrics, which are made when there is something for them.
  const ofModels = createSeries(modelLabels, (labels): ModelSeries => ({ labels }));
  return (record: ExchangeRecord, known: KnownNames, { durationMs, clientLeft }: ExchangeEnding): void => {
    const model = ofModels.at(labelsOf(record, known, clientLeft));
    const { inputTokens, outputTokens, firstPartMs } = record;
    (model.duration ??= duration.of(model.labels)).observe(durationMs / 1000);
    if (inputTokens !== undefined) (model.inputTokens ??= tokens.of([...model.labels, "input"])).observe(inputTokens);
    if (outputTokens !== undefined) (model.outputTokens ??= tokens.of([...model.labels, "output"])).observe(outputTokens);
    if (firstPartMs === undefined) return;
    (model.firstToken ??= firstToken.of(model.labels)).observe(firstPartMs / 1000);
    if (outputTokens !== undefined && outputTokens > 1) (model.perToken ??= perToken.of(model.labels)).observe(Math.max(0, durationMs - firstPartMs) / 1000 / (outputTokens - 1));
  };
};

/** Of what its client did not wait for: no error of ours, but an end of the operation that was no success. @see https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/ */
const leftError = "client_left";

/** A name that no configuration has is `other`, and so is a model that answered nothing: neither is bounded by anybody. */
const labelsOf = ({ alias = "", model, errorCode, operation }: ExchangeRecord, known: KnownNames, clientLeft: boolean): readonly string[] => {
  const requestModel = known.alias(alias);
  const isSure = model !== undefined && (errorCode === undefined || requestModel === alias);
  const vendor = isSure ? model.slice(0, model.indexOf("/")) : "other";
  return [operation ?? "chat", vendor, requestModel, isSure ? known.model(vendor, model) : "other", errorCode ?? (clientLeft ? leftError : "")];
};
