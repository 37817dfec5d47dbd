/**
 * What a test process tells the runner, beside what uvu prints: one JSON object per line on file descriptor 3.
 * uvu's own totals cannot tell a forgotten `.run()` or a `.only` left in, and its runner swallows the error of a `before` hook.
 */
export type TestEvent =
  | { readonly event: "begin"; readonly name: string }
  | { readonly event: "pass"; readonly name: string }
  | { readonly event: "skip"; readonly name: string }
  | { readonly event: "hook-error"; readonly name: string; readonly error: string }
  | { readonly event: "only"; readonly name: string }
  | { readonly event: "never-run"; readonly name: string; readonly cases: number }
  | { readonly event: "empty"; readonly name: string }
  | { readonly event: "leak"; readonly handles: readonly string[] };

/** The environment variable that holds the runner's process id, so that a test's own children stay silent. */
export const runnerVariable = "LLM_PROXY_TEST_RUNNER";

/** Reads the lines that a test process wrote; a last line cut short by a kill is left out. */
export const parseEvents = (text: string): readonly TestEvent[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as TestEvent);
