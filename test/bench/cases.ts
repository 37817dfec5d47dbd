import { defaultEchoOptions } from "../../src/models/echo.ts";
import type { EchoOptions } from "../../src/models/host.ts";

/** One kind of load, and what the proxy may cost under it beside a bare server. */
export interface BenchCase {
  readonly name: string;
  /** The alias that is asked, which both servers have. */
  readonly model: string;
  readonly echo: EchoOptions;
  /** The request's body, as JSON text. */
  readonly body: string;
  /** Content parts of one streamed answer; absent = a plain answer. */
  readonly parts?: number;
  readonly connections: number;
  /** For one round of one server. */
  readonly requests: number;
  /** Of the whole case; each asks both servers. */
  readonly rounds: number;
  readonly target?: Target;
  /** What it is held against. Default: the bare server. */
  readonly against?: "bare server" | "metrics off";
}

/** `cpu` and `rate` are the proxy's figure over that of what it is held against, the median of paired rounds; `lost` counts answers. */
export type Target =
  | { readonly measure: "cpu"; readonly atMost: number }
  | { readonly measure: "rate"; readonly atLeast: number }
  | { readonly measure: "lost"; readonly atMost: number };

const request = (model: string, isStreamed: boolean, ...prompts: readonly string[]): string =>
  JSON.stringify({
    model,
    ...(isStreamed ? { stream: true } : {}),
    messages: [
      { role: "system", content: "Answer briefly." },
      ...prompts.map((content) => ({ role: "user", content })),
    ],
  });

/** Some 900 characters, so that a request is of 1 KB. */
const prompt = "Which of these two functions is easier to read, and why? ".repeat(16);

/** Echo counts the words of a prompt. Without white space it has nothing to count, and what is compared is the reading. */
const megabyte = Array.from({ length: 64 }, () => "llm-proxy:".repeat(1638));

export const cases: readonly BenchCase[] = [
  {
    // 1 KB both ways.
    name: "small request",
    model: "small",
    echo: { ...defaultEchoOptions, parts: 50 },
    body: request("small", false, prompt),
    connections: 16,
    requests: 2500,
    rounds: 21,
    target: { measure: "cpu", atMost: 1.6 },
  },
  {
    // Once it has been scraped, so that the process is measured too.
    name: "metrics on against metrics off, small request",
    model: "small",
    echo: { ...defaultEchoOptions, parts: 50 },
    body: request("small", false, prompt),
    connections: 16,
    requests: 2500,
    rounds: 21,
    against: "metrics off",
    target: { measure: "cpu", atMost: 1.05 },
  },
  {
    name: "stream of 500 parts",
    model: "stream",
    echo: { ...defaultEchoOptions, parts: 500 },
    body: request("stream", true, prompt),
    parts: 500,
    connections: 16,
    requests: 120,
    rounds: 21,
    target: { measure: "cpu", atMost: 0.4 },
  },
  {
    name: "burst of 31 parts",
    model: "burst",
    echo: { ...defaultEchoOptions, parts: 31 },
    body: request("burst", true, prompt),
    parts: 31,
    connections: 16,
    requests: 1000,
    rounds: 15,
  },
  {
    name: "body of 1 MB",
    model: "large",
    echo: { ...defaultEchoOptions, parts: 50 },
    body: request("large", false, ...megabyte),
    connections: 8,
    requests: 80,
    rounds: 15,
    target: { measure: "rate", atLeast: 0.8 },
  },
  {
    name: "200 streams, 100 parts 10 ms apart",
    model: "slow",
    echo: { ...defaultEchoOptions, parts: 100, delayMs: 10 },
    body: request("slow", true, prompt),
    parts: 100,
    connections: 200,
    requests: 200,
    rounds: 5,
    target: { measure: "lost", atMost: 0 },
  },
];
