import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileStart } from "../../../src/config/positions.ts";
import type { Problem } from "../../../src/config/problem.ts";
import { createFigures } from "../../../src/observability/figures.ts";
import { reportOf } from "../../../src/vscode/state/folder-report.ts";
import { folderStatus, runningFolder, servedOn } from "../../support/folder-status.ts";
import { words } from "../../support/words.ts";

const problem: Problem = { severity: "error", message: "Wrong.", hint: "Right it.", path: [], range: fileStart };

const report = suite("vscode/state/folder-report");

report("lists each address with what it speaks, and which asks for no key", () => {
  const proxy = servedOn([8080], {
    listeners: [
      { name: "a", url: "http://127.0.0.1:8080", state: "listening" },
      { name: "b", url: "http://127.0.0.1:8082", state: "listening", insteadOf: 8081 },
    ],
    routes: [
      { name: "v1", path: "/v1", protocols: ["openai-chat"], listeners: ["a"], needsKey: false },
      { name: "root", path: "/", protocols: ["x", "y"], listeners: ["a", "b"], needsKey: true },
    ],
  });
  assert.equal(reportOf(folderStatus({ state: "running", proxy }), words).addresses, [
    { url: "http://127.0.0.1:8080/v1", about: "openai-chat, no key" },
    { url: "http://127.0.0.1:8080", about: "x, y, with a key" },
    { url: "http://127.0.0.1:8082", about: "x, y, with a key, because port 8081 is taken" },
  ]);
});

const stateOf = (fields: Parameters<typeof folderStatus>[0]): string => reportOf(folderStatus(fields), words).state;

report("says what is waited for", () => {
  assert.is(stateOf({ state: "waiting", waitsFor: "file", hasFile: false }), "waiting for a .llmproxy.yaml");
  assert.is(stateOf({ state: "waiting", waitsFor: "port" }), "waiting for its port");
  assert.is(stateOf({ state: "waiting", waitsFor: "consent", problems: [{ ...problem, severity: "warning" }] }), "waiting for your consent");
  const listeners = servedOn([8080]).listeners.map((listener) => ({ ...listener, state: "waiting" as const }));
  assert.is(stateOf({ state: "waiting", waitsFor: "port", proxy: servedOn([], { listeners }) }), "waiting for port 8080, until another window lets go of it");
});

report("counts problems, and says where an older file runs on in spite of them", () => {
  assert.is(stateOf({ state: "error", problems: [problem, problem] }), "error, 2 problems");
  assert.is(stateOf({ ...runningFolder("a", 8080), problems: [problem], isOutdated: true }), "running (1 problem; what ran before runs on)");
  assert.is(stateOf({ ...runningFolder("a", 8080), problems: [problem] }), "running, 1 problem");
});

report("tells the proxy's own figures", () => {
  const figures = createFigures({ monotonic: () => 0 }, "0");
  const local = figures.of("local");
  const ask = (status: number, durationMs: number): void => {
    local.began();
    local.ended({ alias: "gpt-4", status, firstPartMs: 100, ...(status === 200 ? {} : { errorCode: "upstream_error" }) }, { durationMs, clientLeft: false });
  };
  ask(200, 500);
  ask(200, 1500);
  ask(200, 1000);
  ask(502, 1800);
  local.began();
  const { facts, generation } = reportOf(folderStatus({ state: "running", proxy: servedOn([1], { figures: { ...figures.totals(), connections: 3 } }) }), words);
  assert.equal([generation, ...facts.map(({ label, value }) => `${label}: ${value}`)], [
    "0a1b2c3d", "Models: gpt-4", "Requests: 4", "Active: 1", "Connections: 3", "Errors: 25.0 %", "Latency: 1.2 s mean, 100 ms to the first token",
  ]);
});

const modelsOf = (models: readonly string[]): string | undefined =>
  reportOf(folderStatus({ state: "running", proxy: servedOn([1], { models }) }), words).facts[0]?.value;

report("names the models, a few of many, and what a star stands for", () => {
  assert.is(modelsOf(["*"]), "every model of VS Code, by its own name");
  assert.is(modelsOf(["fast", "*"]), "fast, every other name");
  assert.is(modelsOf(["a", "b", "c", "d", "e", "f", "g", "h"]), "a, b, c, d, e, f and 2 more");
});

report("tells nothing of what does not run", () => {
  assert.equal(reportOf(folderStatus(), words), { name: "project", state: "stopped", addresses: [], facts: [] });
});

report.run();
