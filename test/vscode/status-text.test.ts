import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileStart } from "../../src/config/positions.ts";
import type { Problem } from "../../src/config/problem.ts";
import type { FolderStatus } from "../../src/vscode/folder-proxy.ts";
import { renderStatus } from "../../src/vscode/status-text.ts";
import { noFigures } from "../support/figures.ts";

const problem: Problem = { severity: "error", message: "Wrong.", hint: "Right it.", path: [], range: fileStart };

const warning: Problem = { ...problem, severity: "warning" };

const status = (fields: Partial<FolderStatus> = {}): FolderStatus => ({ name: "project", state: "stopped", problems: [], isOutdated: false, hasFile: true, ...fields });

const running = (name: string, ...ports: readonly number[]): FolderStatus => status({
  name,
  state: "running",
  proxy: {
    state: "running", generation: "0", instance: "", version: "", models: [], figures: noFigures,
    listeners: ports.map((port, index) => ({ name: `l${index}`, url: `http://127.0.0.1:${port}`, state: "listening" as const })),
    routes: [
      { name: "v1", path: "/v1", protocols: ["openai-chat"], listeners: ["l0"], needsKey: false },
      { name: "root", path: "/", protocols: ["a", "b"], listeners: ["l0", "l1"], needsKey: true },
    ],
  },
});

const text = suite("vscode/status-text");

text("shows the ports of what runs", () => {
  assert.is(renderStatus([running("a", 8080)], true).text, "$(radio-tower) LLM Proxy 8080");
  assert.is(renderStatus([running("a", 8080), running("b", 9090)], true).text, "$(radio-tower) LLM Proxy 8080, 9090");
  assert.is(renderStatus([running("a", 8080, 8081), running("b", 9090)], true).text, "$(radio-tower) LLM Proxy 8080 +2");
});

text("lists each address with what it speaks, and which asks for no key", () => {
  assert.equal(renderStatus([running("a", 8080, 8081)], true).lines, [
    "a: running",
    "http://127.0.0.1:8080/v1 openai-chat, no key",
    "http://127.0.0.1:8080 a, b",
    "http://127.0.0.1:8081 a, b",
  ]);
});

text("shows of several folders the one that wants to be looked at", () => {
  const shown = renderStatus([running("a", 8080), status({ name: "b", state: "error", problems: [problem, problem] })], true);
  assert.equal([shown.text, shown.kind], ["$(error) LLM Proxy: error", "error"]);
  assert.is(shown.lines.at(-1), "b: error (2 problems)");
});

text("warns of a file that was not taken over", () => {
  const shown = renderStatus([{ ...running("a", 8080), problems: [problem], isOutdated: true }], true);
  assert.equal([shown.text, shown.kind], ["$(radio-tower) LLM Proxy 8080", "warning"]);
  assert.is(shown.lines[0], "a: running (1 problem; what ran before runs on)");
});

text("says what is waited for", () => {
  assert.equal(renderStatus([status({ state: "waiting", waitsFor: "file", hasFile: false })], true).lines, ["project: waiting (for a .llmproxy.yaml)"]);
  assert.equal(renderStatus([status({ state: "waiting", waitsFor: "port", problems: [warning] })], true).lines, ["project: waiting (for its port, until another window lets go of it)"]);
  assert.equal(renderStatus([status({ state: "waiting", waitsFor: "consent", problems: [warning] })], true).lines, ["project: waiting (for your consent)"]);
  assert.is(renderStatus([status({ state: "waiting" })], true).text, "$(watch) LLM Proxy: waiting");
});

text("shows only the ports that it has, and which address waits for its own", () => {
  const { proxy, ...rest } = running("a", 8080, 8081);
  const [first, second] = proxy?.listeners ?? [];
  assert.ok(proxy && first && second);
  const shown = renderStatus([{ ...rest, proxy: { ...proxy, listeners: [first, { ...second, state: "waiting" }] }, problems: [problem] }], true);
  assert.is(shown.text, "$(radio-tower) LLM Proxy 8080");
  assert.equal([shown.lines[0], shown.lines.at(-1)], ["a: running (1 problem)", "http://127.0.0.1:8081 a, b, waits for its port"]);
});

text("leaves out folders without a file beside those with one", () => {
  assert.equal(renderStatus([status({ name: "docs", state: "waiting", hasFile: false }), running("a", 8080)], true).lines[0], "a: running");
});

text("says why nothing starts in a folder that is not trusted", () => {
  assert.equal(renderStatus([status()], false).lines, ["Nothing starts in a folder that you do not trust."]);
});

text.run();
