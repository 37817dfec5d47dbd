// OpenAI's own client for Python, as it is.
// runner: needs python
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { leaveOut } from "../support/leave-out.ts";
import { findPython } from "../support/tools.ts";
import { key, withServed } from "./served.ts";

const python = findPython() ?? leaveOut("no Python with the openai package; install Python 3 with its venv module, then run npm test again");
const script = fileURLToPath(new URL("openai_client.py", import.meta.url));

/** What one case saw, or why it saw nothing. */
type Line = { readonly case: string } & ({ readonly saw: unknown } | { readonly failed: string });

const lines = new Map<string, Line>();
/** What the server's log said of how its requests ended, by alias. */
const ends: { alias: unknown; ended: unknown }[] = [];

const runScript = async (url: string): Promise<void> => {
  const child = spawn(python, [script, url, key], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    lines.set(line.case, line);
  }
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`Python ended with ${code}.`);
};

const seenBy = (name: string): unknown => {
  const line = lines.get(name);
  if (line === undefined) throw new Error("The case did not run.");
  if ("failed" in line) throw new Error(line.failed);
  return line.saw;
};

const pypi = suite("clients/openai-python");

pypi.before(() =>
  withServed(async (server) => {
    await runScript(server.url);
    seenBy("stopped");
    // The last case's request is the last to end, and may do so after the script.
    while (ends.at(-1)?.alias !== "endless") {
      const { fields } = await server.nextEnd();
      ends.push({ alias: fields["alias"], ended: fields["ended"] });
    }
  }));

const usage = { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 };

/** What each case of the script sees; the names are its own. */
const cases: readonly (readonly [claim: string, name: string, saw: unknown])[] = [
  ["a whole answer", "whole", {
    object: "chat.completion", model: "echo", has_request_id: true, role: "assistant", content: "Hello, you 😀", finish_reason: "stop", usage,
  }],
  ["a stream, with its usage", "stream", { content: "Hello, you 😀", role: "assistant", finish_reasons: ["stop"], total_tokens: 6, without_choices: 1 }],
  ["the streaming helper puts the answer together", "stream_helper", { content: "Hello, you there", is_done: true }],
  ["the asynchronous client streams", "asynchronous_stream", { chunks: 502, length: 10_000 }],
  ["answers, chunks and models are exactly of its types", "strict", { chunks: 3 }],
  ["the list of models, and one of them, its id with a slash", "models", { ids: ["echo", "team/echo", "long"], one: ["team/echo", "model", "echo"] }],
  ["a tool's call and its result", "tools", { finish_reasons: ["tool_calls", "stop"], content: null, call: ["function", "weather", { city: "Bern" }] }],
  ["parallel calls and their results, whole and streamed, or one call only", "parallel_tools", {
    calls: [["call_bern", { city: "Bern" }], ["call_rome", { city: "Rome" }]],
    answer: "call_bern: Sunny, call_rome: Sunny",
    streamed: [{ city: "Bern" }, { city: "Rome" }],
    one: 1,
  }],
  ["values that are valid by a schema, though the first answer was not; a refusal", "structured", {
    parsed: { city: "Bern", people: 140_000 }, streamed: { city: "Bern", people: 140_000 }, refusal: ["I will not.", null],
  }],
  ["an image as data", "images", { content: "image/png of 70 bytes" }],
  ["several choices, stop sequences, and the older completions", "choices_and_stops", {
    choices: [[0, "one two ", "stop"], [1, "one two ", "stop"]], older: ["text_completion", "Once upon"],
  }],
  ["embeddings", "embeddings", { vectors: [[1, 0.5], [3, 0.5]], total_tokens: 2 }],
  ["a key that is right opens the route", "right_key", { count: 14 }],
];

for (const [claim, name, saw] of cases) pypi(claim, () => assert.equal(seenBy(name), saw));

const invalid = { param: null, type: "invalid_request_error" };

const errors: Readonly<Record<string, unknown>> = {
  "no key": { ...invalid, class: "AuthenticationError", status: 401, code: "invalid_api_key" },
  "no model": { ...invalid, class: "NotFoundError", status: 404, code: "model_not_found", param: "model" },
  "no path": { ...invalid, class: "NotFoundError", status: 404, code: "not_found" },
  "no messages": { ...invalid, class: "BadRequestError", status: 400, code: null, param: "messages" },
  "foreign page": { ...invalid, class: "PermissionDeniedError", status: 403, code: "permission_denied" },
  "too large": { ...invalid, class: "APIStatusError", status: 413, code: "request_too_large" },
  "far too large": { ...invalid, class: "APIStatusError", status: 413, code: "request_too_large" },
  "fails with 429": { class: "RateLimitError", status: 429, code: "rate_limit_exceeded", param: null, type: "rate_limit_error" },
  "fails with 503": { class: "InternalServerError", status: 503, code: "upstream_error", param: null, type: "server_error" },
  "fails with 429 before a stream": { class: "RateLimitError", status: 429, code: "rate_limit_exceeded", param: null, type: "rate_limit_error" },
  "fails in a stream": { class: "APIError", status: null, code: "upstream_error", param: null, type: "server_error" },
};

for (const [name, error] of Object.entries(errors)) {
  pypi(`an error of its own class: ${name}`, () => assert.equal((seenBy("errors") as Record<string, unknown>)[name], error));
}

pypi("a 503 is tried again, unless trying again cannot mend it", () => {
  seenBy("tried_again");
  const count = (alias: string): number => ends.filter((end) => end.alias === alias).length;
  assert.equal([count("fails-503"), count("nobody")], [3, 1], "one in the case before, then two; one");
});

pypi("a stream that is closed stops the model", () => {
  assert.equal(ends.filter(({ alias }) => alias === "endless"), [{ alias: "endless", ended: "client-left" }]);
});

pypi.run();
