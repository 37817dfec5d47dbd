import { createCounter, createGauge, createHistogram, type Samples } from "./series.ts";

/** Bucket bounds as OpenTelemetry's conventions for generative AI advise. @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ */
const durationBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const firstTokenBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const perTokenBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const tokenBounds = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
const overheadBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Of everything that is measured of models. */
export const modelLabels = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model", "error_type"];

/** What Prometheus reads of one proxy. @param version of this product */
export const createMetrics = (version: string) => {
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
  build.add([version], 1);
  // What is known to come is there from the start: a rate over something that appears with its first count misses that one.
  retries.add([], 0);
  for (const result of ["applied", "unchanged", "rejected"]) reloads.add([result], 0);
  for (const reason of ["missing", "invalid", "expired", "other-route"]) authFailures.add([reason], 0);
  for (const phase of ["before-first-part", "in-stream"]) disconnects.add([phase], 0);
  const all: readonly Samples[] = [requests, inFlight, overhead, authFailures, rateLimited, retries, fallbacks, disconnects, reloads, lastReload, build, duration, firstToken, perToken, tokens];
  return { all, requests, inFlight, overhead, authFailures, rateLimited, retries, fallbacks, disconnects, reloads, lastReload, duration, firstToken, perToken, tokens };
};

export type Metrics = ReturnType<typeof createMetrics>;
