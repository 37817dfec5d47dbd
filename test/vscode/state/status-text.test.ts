import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileStart } from "../../../src/config/positions.ts";
import type { Problem } from "../../../src/config/problem.ts";
import { renderStatus, shownOf } from "../../../src/vscode/state/status-text.ts";
import { folderStatus, runningFolder, servedOn } from "../../support/folder-status.ts";
import { words } from "../../support/words.ts";

const problem: Problem = { severity: "error", message: "Wrong.", hint: "Right it.", path: [], range: fileStart };

const text = suite("vscode/state/status-text");

text("shows the ports of what runs", () => {
  assert.is(renderStatus([runningFolder("a", 8080)], words).text, "$(radio-tower) LLM Proxy 8080");
  assert.is(renderStatus([runningFolder("a", 8080), runningFolder("b", 9090)], words).text, "$(radio-tower) LLM Proxy 8080, 9090");
  assert.is(renderStatus([runningFolder("a", 8080, 8081), runningFolder("b", 9090)], words).text, "$(radio-tower) LLM Proxy 8080 +2");
});

text("names each other state", () => {
  const shown = (["stopped", "starting", "waiting", "error"] as const).map((state) => renderStatus([folderStatus({ state })], words));
  assert.equal(shown, [
    { text: "$(circle-slash) LLM Proxy: stopped", kind: "plain" },
    { text: "$(loading~spin) LLM Proxy: starting", kind: "plain" },
    { text: "$(watch) LLM Proxy: waiting", kind: "plain" },
    { text: "$(error) LLM Proxy: error", kind: "error" },
  ]);
});

text("tells what is waited for, and first what somebody is asked about", () => {
  const textOf = (...waits: readonly ("file" | "consent" | "port")[]): string => renderStatus(waits.map((waitsFor) => folderStatus({ state: "waiting", waitsFor })), words).text;
  assert.equal([textOf("file"), textOf("port"), textOf("port", "consent")], ["$(watch) LLM Proxy: waiting", "$(watch) LLM Proxy: waiting for its port", "$(watch) LLM Proxy: waiting for you"]);
});

text("leaves out the ports that it does not have", () => {
  const [first, second] = servedOn([8080, 8081]).listeners;
  assert.ok(first && second);
  const proxy = servedOn([], { listeners: [first, { ...second, state: "waiting" }] });
  assert.is(renderStatus([folderStatus({ state: "running", proxy })], words).text, "$(radio-tower) LLM Proxy 8080");
});

text("shows of several folders the one that wants to be looked at", () => {
  const shown = renderStatus([runningFolder("a", 8080), folderStatus({ name: "b", state: "error", problems: [problem] })], words);
  assert.equal(shown, { text: "$(error) LLM Proxy: error", kind: "error" });
});

text("warns of a file that was not taken over", () => {
  const shown = renderStatus([{ ...runningFolder("a", 8080), problems: [problem] }], words);
  assert.equal(shown, { text: "$(radio-tower) LLM Proxy 8080", kind: "warning" });
});

text("leaves out folders without a file beside those with one", () => {
  const docs = folderStatus({ name: "docs", state: "waiting", hasFile: false });
  assert.equal(shownOf([docs, runningFolder("a", 8080)]).map(({ name }) => name), ["a"]);
  assert.equal(shownOf([docs]).map(({ name }) => name), ["docs"]);
});

text.run();
