// runner: serial, deadline 180 s, needs prometheus
import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { leaveOut } from "../support/leave-out.ts";
import { findPrometheus } from "../support/tools.ts";
import { until } from "../vscode/support/until.ts";
import { countAnswers, type Tally } from "./load.ts";
import { withPrometheus, type Query } from "./prometheus.ts";
import { withServeProcess } from "./serve-process.ts";

const tools = findPrometheus() ?? leaveOut("no Prometheus was found; install the package prometheus");

const file = `version: 1
listeners: { local: { ports: 0 } }
models:
  fast: { echo: { reply: one two three } }
  second: [{ echo: { fail: { status: 503 } } }, { echo: { reply: from the second } }]
  broken: { echo: { fail: { status: 500 } } }
  cut: { echo: { parts: 4, fail: { status: 503, after: 2 } } }
keys: { load: { key: "\${env:LOAD_KEY}" } }
defaults: { retry: { maxRetries: 1, backoff: 1ms } }
routes:
  - { name: main, path: /v1 }
  - { name: tight, path: /tight, rateLimit: { requestsPerDay: 7 } }
`;
const key = "sk-of-the-load";

const cases = suite("observability/prometheus");

/** What Prometheus says, by the value of one label; sums over all others. */
const byLabel = async (query: Query, metric: string, label: string): Promise<Record<string, number>> =>
  Object.fromEntries((await query(`sum by (${label}) (${metric})`)).map(({ labels, value }) => [labels[label] ?? "", value]));

/** All that one scrape job has to say about what the clients counted. */
const assertSame = async (query: Query, job: string, told: Tally): Promise<void> => {
  const of = (metric: string, more = ""): string => `${metric}{job="${job}"${more}}`;
  const served = ', route=~"main|tight"';
  assert.equal(await byLabel(query, of("llm_proxy_requests_total", served), "status"), told.statuses, "statuses");
  assert.equal(await byLabel(query, of("llm_proxy_requests_total", served), "route"), told.routes, "routes");
  assert.equal(await byLabel(query, of("llm_proxy_requests_total", ', route="unmatched", status="404"'), "status"), { 404: told.unmatched }, "paths that nobody serves");
  assert.equal(await byLabel(query, of("gen_ai_client_token_usage_sum"), "gen_ai_token_type"), told.tokens, "tokens");
  assert.equal(await byLabel(query, of("gen_ai_client_token_usage_count", ', gen_ai_token_type="output"'), "gen_ai_request_model"), told.withUsage, "answers with usage");
  assert.equal(await byLabel(query, of("gen_ai_server_request_duration_seconds_count"), "error_type"), told.errors, "requests to models, by error");
  assert.equal(await byLabel(query, of("gen_ai_server_request_duration_seconds_bucket", ', le="+Inf"'), "error_type"), told.errors, "the last bucket holds all");
  assert.equal(await byLabel(query, of("gen_ai_server_time_to_first_token_seconds_count"), "gen_ai_request_model"), told.withFirstPart, "answers that began");
  assert.equal(await byLabel(query, of("llm_proxy_overhead_seconds_count", served), "route"), told.routes, "overhead");
  assert.equal(await byLabel(query, of("llm_proxy_fallbacks_total"), "reason"), told.fallbacks, "fallbacks");
  assert.equal(await byLabel(query, of("llm_proxy_retries_total"), "job"), { [job]: told.retries }, "retries");
  assert.equal(await byLabel(query, of("llm_proxy_auth_failures_total", ', reason="invalid"'), "reason"), { invalid: told.wrongKeys }, "wrong keys");
  assert.equal(await byLabel(query, of("llm_proxy_rate_limited_total"), "limit"), { requestsPerDay: told.limited }, "limited");
};

cases("its queries give the numbers that the clients counted, in both forms, and it never misses a scrape under load", () =>
  withServeProcess(file, { LOAD_KEY: key }, (url) =>
    withPrometheus(tools.prometheus, url, key, async ({ query, metadata, scrapes }) => {
      const told = await countAnswers(url, key, (asked) => asked >= 1000 && ["text", "openmetrics"].every((job) => scrapes(job).length >= 3));
      const all = Object.values(told.statuses).reduce((sum, count) => sum + count, 0);
      const seen = (job: string): Promise<number> => query(`sum(llm_proxy_requests_total{job="${job}", route=~"main|tight"})`).then(([sample]) => sample?.value ?? 0);
      for (const job of ["text", "openmetrics"]) {
        await until(`The job ${job} did not see ${all} requests`, () => seen(job), (value) => value === all);
        await assertSame(query, job, told);
      }
      assert.equal((await query("min by (job) (min_over_time(up[10m]))")).map(({ value }) => value), [1, 1], "a scrape failed");
      assert.equal([...new Set(scrapes("text"))], ["text/plain; version=0.0.4; charset=utf-8"]);
      assert.equal([...new Set(scrapes("openmetrics"))], ["application/openmetrics-text; version=1.0.0; charset=utf-8"]);
      assert.is((await metadata("openmetrics", "llm_proxy_requests"))?.type, "counter");
      assert.is((await metadata("text", "llm_proxy_requests_total"))?.type, "counter");
      assert.is((await metadata("openmetrics", "gen_ai_client_token_usage"))?.type, "histogram");
      for (const { value } of await query("count by (job) (process_cpu_seconds_total)")) assert.is(value, 1);
    })));

cases("promtool finds nothing to say against either form", () =>
  withServeProcess(file, { LOAD_KEY: key }, async (url) => {
    await countAnswers(url, key, (asked) => asked >= 100);
    const read = async (accept: string): Promise<string> => (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}`, accept } })).text();
    const lint = (text: string) => {
      const { status, stdout, stderr } = spawnSync(tools.promtool, ["check", "metrics"], { input: text, encoding: "utf8" });
      assert.equal({ status, said: `${stdout}${stderr}` }, { status: 0, said: "" });
    };
    lint(await read("text/plain"));
    const openMetrics = await read("application/openmetrics-text; version=1.0.0");
    assert.ok(openMetrics.endsWith("\n# EOF\n"));
    // It reads the older form only, in which the family of a counter has the name of its samples.
    const counters = [...openMetrics.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name);
    assert.ok(counters.length > 8);
    lint(openMetrics.replaceAll(/^# (HELP|TYPE) (\S+)/gm, (line, _word, name: string) => (counters.includes(name) ? `${line}_total` : line)));
  }));

cases.run();
