import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFigures, type Figures } from "../../src/observability/figures.ts";
import type { ExchangeRecord } from "../../src/policies/policy.ts";
import { echoTarget } from "../support/config.ts";

const cases = suite("observability/figures");

const create = (): Figures => {
  const figures = createFigures({ monotonic: () => 0 }, "1.2.3");
  figures.configured([
    { name: "fast", targets: [echoTarget()] },
    { name: "claude-*", targets: [{ kind: "selector", vendor: "copilot", family: "claude" }] },
    { name: "coder", targets: [{ kind: "upstream", upstream: "ollama", model: "qwen" }] },
    { name: "*", targets: [{ kind: "upstream", upstream: "ollama", model: "*" }] },
  ], true);
  return figures;
};

const answered: ExchangeRecord = {
  route: "main", protocol: "openai-chat", alias: "fast", model: "echo/echo", status: 200, firstPartMs: 100, inputTokens: 3, outputTokens: 11, waitedMs: 1090,
  admittedMs: 2, readMs: 7, chosenMs: 8, partCount: 12,
};

const end = (figures: Figures, record: ExchangeRecord, clientLeft = false): void => {
  const local = figures.of("local");
  local.began();
  local.ended(record, { durationMs: 1100, clientLeft });
};

/** `name{label,label}` -> value, for every sample of a metric. */
const samplesOf = (figures: Figures, name: string): Record<string, number> => {
  const metric = figures.metrics.find((candidate) => candidate.name === name);
  if (metric === undefined) throw new Error(`There is no metric ${name}.`);
  return Object.fromEntries([...metric.values()].map(({ labels, value }) => [labels.join(" "), Math.round(value * 1e6) / 1e6]));
};

cases("counts a request by route, protocol and status, and what the model took", () => {
  const figures = create();
  end(figures, answered);
  const labels = "chat echo fast echo/echo ";
  assert.equal(samplesOf(figures, "llm_proxy_requests_total"), { "main openai-chat 200": 1 });
  assert.equal(samplesOf(figures, "gen_ai_server_request_duration_seconds"), { [labels]: 1.1 });
  assert.equal(samplesOf(figures, "gen_ai_server_time_to_first_token_seconds"), { [labels]: 0.1 });
  assert.equal(samplesOf(figures, "gen_ai_server_time_per_output_token_seconds"), { [labels]: 0.1 });
  assert.equal(samplesOf(figures, "gen_ai_client_token_usage"), { [`${labels} input`]: 3, [`${labels} output`]: 11 });
  assert.equal(samplesOf(figures, "llm_proxy_overhead_seconds"), { main: 0.01 });
});

cases("shows what is in flight by listener, and nothing once it is over", () => {
  const figures = create();
  const local = figures.of("local");
  local.began();
  figures.of("lan").began();
  assert.equal(samplesOf(figures, "llm_proxy_in_flight_requests"), { local: 1, lan: 1 });
  assert.is(figures.totals().active, 2);
  local.ended(answered, { durationMs: 1, clientLeft: false });
  assert.equal(samplesOf(figures, "llm_proxy_in_flight_requests"), { local: 0, lan: 1 });
});

cases("counts models that were asked again, and what made the next one be asked", () => {
  const figures = create();
  end(figures, { ...answered, attempts: 4, retries: 2, fallbacks: [503] });
  end(figures, { ...answered, alias: "made-up", attempts: 2, fallbacks: ["timeout"] });
  end(figures, answered);
  assert.equal(samplesOf(figures, "llm_proxy_retries_total"), { "": 2 }, "it is there before it counts anything");
  assert.equal(samplesOf(figures, "llm_proxy_fallbacks_total"), { "fast 503": 1, "other timeout": 1 });
});

cases("counts what a limit refused, by whose it is and its name", () => {
  const figures = create();
  end(figures, { route: "main", status: 429, errorCode: "rate_limit_exceeded", rateLimited: { scope: "ip", limit: "requestsPerMinute" } });
  assert.equal(samplesOf(figures, "llm_proxy_rate_limited_total"), { "ip requestsPerMinute": 1 });
});

cases("calls a failure inside a stream an error, and a client that left none", () => {
  const figures = create();
  end(figures, answered);
  end(figures, { ...answered, errorCode: "upstream_error" });
  end(figures, { ...answered, status: 503, errorCode: "model_unavailable" });
  end(figures, { ...answered, status: 404, errorCode: "model_not_found" });
  end(figures, { route: "main", protocol: "openai-chat" }, true);
  assert.is(figures.totals().errorRate, 2 / 5);
  assert.equal(samplesOf(figures, "llm_proxy_client_disconnects_total"), { "before-first-part": 1, "in-stream": 0 });
  assert.is(samplesOf(figures, "llm_proxy_requests_total")["main openai-chat 499"], 1);
});

cases("adds one label set for ten thousand junk models, and one for as many junk paths", () => {
  const figures = create();
  for (let index = 0; index < 10_000; index += 1) {
    end(figures, { route: "main", protocol: "openai-chat", alias: `junk-${index}`, status: 404, errorCode: "model_not_found" });
    end(figures, { status: 404, errorCode: "not_found" });
  }
  assert.equal(samplesOf(figures, "llm_proxy_requests_total"), { "main openai-chat 404": 10_000, "unmatched  404": 10_000 });
  assert.equal(Object.keys(samplesOf(figures, "gen_ai_server_request_duration_seconds")), ["chat other other other model_not_found"]);
});

cases("tells reloads and the version", () => {
  const figures = create();
  figures.reloaded("applied");
  figures.reloaded("rejected");
  assert.equal(samplesOf(figures, "llm_proxy_config_reloads_total"), { applied: 1, unchanged: 0, rejected: 1 });
  assert.equal(samplesOf(figures, "llm_proxy_config_last_reload_successful"), { "": 0 });
  figures.reloaded("unchanged");
  assert.equal(samplesOf(figures, "llm_proxy_config_last_reload_successful"), { "": 1 }, "the file is again what is in force");
  assert.equal(samplesOf(figures, "llm_proxy_build_info"), { "1.2.3": 1 });
});

cases("adds one label set for ten thousand names that an upstream answers to, as it does to any", () => {
  const figures = create();
  for (let index = 0; index < 10_000; index += 1) end(figures, { ...answered, alias: `junk-${index}`, model: `ollama/junk-${index}` });
  end(figures, { ...answered, alias: "coder", model: "ollama/qwen" });
  end(figures, { ...answered, alias: "claude-sonnet-4", model: "copilot/claude-sonnet-4" });
  assert.equal(Object.keys(samplesOf(figures, "gen_ai_server_request_duration_seconds")), [
    "chat ollama other other ", "chat ollama coder ollama/qwen ", "chat copilot other copilot/claude-sonnet-4 ",
  ]);
});

cases("tells where the time of requests went, each with its average and percentiles", () => {
  const figures = create();
  for (let index = 0; index < 100; index += 1) end(figures, answered);
  end(figures, { status: 404 });
  const { duration, admission, choice, timeToFirstToken, timePerPart, overhead } = figures.totals();
  const told = Object.entries({ duration, admission, choice, timeToFirstToken, timePerPart, overhead }).map(([name, { lastMinute, lastHour, sinceStart }]) => {
    assert.equal([lastHour, sinceStart], [lastMinute, lastMinute]);
    assert.ok(lastMinute.p50 <= lastMinute.p99 && lastMinute.p99 <= lastMinute.max, name);
    return [name, lastMinute.count, lastMinute.mean, lastMinute.max];
  });
  assert.equal(told, [["duration", 100, 1100, 1100], ["admission", 100, 2, 2], ["choice", 100, 1, 1], ["timeToFirstToken", 100, 100, 100], ["timePerPart", 100, 100, 100], ["overhead", 100, 10, 10]]);
});

cases("tells what a model was asked for", () => {
  const figures = create();
  end(figures, { ...answered, operation: "embeddings" });
  end(figures, { ...answered, operation: "text_completion" });
  assert.equal(Object.keys(samplesOf(figures, "gen_ai_server_request_duration_seconds")), ["embeddings echo fast echo/echo ", "text_completion echo fast echo/echo "]);
});

cases("without metrics keeps what status and health tell, and nothing else", () => {
  const figures = create();
  figures.configured([], false);
  end(figures, answered);
  assert.equal([figures.totals().requests, figures.totals().duration.lastMinute.count, samplesOf(figures, "llm_proxy_requests_total")], [1, 1, {}]);
});

cases.run();
