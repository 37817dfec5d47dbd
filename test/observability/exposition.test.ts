import { suite } from "uvu";
import * as assert from "uvu/assert";
import { renderMetrics } from "../../src/observability/exposition.ts";
import { createCounter, createGauge, createHistogram, type Samples } from "../../src/observability/series.ts";

const cases = suite("observability/exposition");

const metrics = (): readonly Samples[] => {
  const requests = createCounter({ name: "llm_proxy_requests_total", help: "Requests.", labelNames: ["route", "status"] });
  const inFlight = createGauge({ name: "llm_proxy_in_flight_requests", help: "In flight." });
  const duration = createHistogram({ name: "duration_seconds", help: "Durations.", labelNames: ["route"], bounds: [0.1, 1] });
  requests.add(["/v1", "200"]);
  requests.add(["/v1", "200"]);
  requests.add(['quoted "route"\n', "404"]);
  inFlight.add([], 3);
  inFlight.add([], -1);
  for (const seconds of [0.1, 0.5, 7]) duration.observe(["/v1"], seconds);
  return [requests, inFlight, duration];
};

/** Without what is told of the process, which comes last. */
const ownPart = (text: string): string => text.slice(0, text.indexOf("\n# HELP process_"));

cases("says it as Prometheus reads it", async () => {
  const { contentType, text } = await renderMetrics(metrics(), "text/plain");
  assert.is(contentType, "text/plain; version=0.0.4; charset=utf-8");
  assert.is(ownPart(text), `# HELP llm_proxy_requests_total Requests.
# TYPE llm_proxy_requests_total counter
llm_proxy_requests_total{route="/v1",status="200"} 2
llm_proxy_requests_total{route="quoted \\"route\\"\\n",status="404"} 1

# HELP llm_proxy_in_flight_requests In flight.
# TYPE llm_proxy_in_flight_requests gauge
llm_proxy_in_flight_requests 2

# HELP duration_seconds Durations.
# TYPE duration_seconds histogram
duration_seconds_bucket{route="/v1",le="0.1"} 1
duration_seconds_bucket{route="/v1",le="1"} 2
duration_seconds_bucket{route="/v1",le="+Inf"} 3
duration_seconds_sum{route="/v1"} 7.6
duration_seconds_count{route="/v1"} 3
`);
});

cases("says it as OpenMetrics where that is asked for", async () => {
  const { contentType, text } = await renderMetrics(metrics(), "application/openmetrics-text; version=1.0.0,text/plain;q=0.5");
  assert.is(contentType, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  assert.match(text, "# TYPE llm_proxy_requests counter\nllm_proxy_requests_total{route=\"/v1\",status=\"200\"} 2\n");
  assert.match(text, 'duration_seconds_bucket{route="/v1",le="1.0"} 2\n');
  assert.match(text, "# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total ");
  assert.ok(text.endsWith("# EOF\n"));
});

for (const [accept, form] of [
  ["application/openmetrics-text;q=0", "text/plain"],
  ["application/openmetrics-text; version=1.0.0; Q=0.0, */*", "text/plain"],
  ["application/openmetrics-text;q=0.3,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain"],
  ["application/openmetrics-text;q=0.3, */*", "text/plain"],
  ["application/openmetrics-text;q=x", "text/plain"],
  ["text/html, application/json", "text/plain"],
  ["", "text/plain"],
  ["application/openmetrics-text;q=0.1", "application/openmetrics-text"],
  ["Application/OpenMetrics-Text", "application/openmetrics-text"],
  ["application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "application/openmetrics-text"],
] as const) {
  cases(`says it as ${form} to whoever accepts "${accept}"`, async () => {
    const { contentType } = await renderMetrics([], accept);
    assert.is(contentType.split(";", 1)[0], form);
  });
}

cases("adds one label set for ten thousand junk values beyond the bound", () => {
  const counter = createCounter({ name: "junk_total", help: "Junk.", labelNames: ["a", "b"] });
  for (let index = 0; index < 10_000; index += 1) counter.add([`junk-${index}`, "x"]);
  const values = [...counter.values()];
  assert.is(values.length, 501);
  assert.equal(values.at(-1), { labels: ["other", "other"], value: 9500 });
});

cases.run();
