import { writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load, loadWithoutFile } from "../../src/config/load.ts";
import { caseNames, expectedPath, loadCase, readExpected } from "./cases.ts";

const cases = suite("config/load");

for (const name of caseNames) {
  cases(name, async () => {
    const actual = JSON.parse(JSON.stringify(await loadCase(name))) as unknown;
    // Writes what a new or changed case gives, for a person to read before it is committed.
    if (process.env["UPDATE_CASES"] === "1") writeFileSync(expectedPath(name), `${JSON.stringify(actual, null, 2)}\n`);
    assert.equal(actual, readExpected(name));
  });
}

cases("gives a configuration exactly where no problem is an error", async () => {
  for (const text of ["version: 1", "version: 2", "version: 1\nkeys: { ci: { key: \"${env:NOT_SET}\" } }"]) {
    const { config, problems } = await load(text, { secrets: { read: () => ({ missing: "It is not set.", hint: "Set it." }) } });
    assert.is(config === undefined, problems.some(({ severity }) => severity === "error"), text);
  }
});

cases("says nothing of references where none are read", async () => {
  const { config, problems } = await load("version: 1\nkeys: { ci: { key: \"${env:CI_KEY}\" } }");
  assert.equal(problems, []);
  assert.equal(config?.keys, [{ name: "ci" }]);
});

cases("takes a secret that cannot be read for one that is not set", async () => {
  const { config, problems } = await load("version: 1\nkeys: { ci: { key: \"${secret:ci}\" } }", { secrets: { read: () => Promise.reject(new Error("locked")) } });
  assert.equal(config?.keys, [{ name: "ci" }]);
  assert.equal(config?.routes.map(({ auth }) => auth.accepts), [["ci"]]);
  assert.equal(problems.map(({ severity, path }) => [severity, path]), [["warning", ["keys", "ci", "key"]]]);
});

cases("tells an empty file from a wrong one, so that a watcher can wait", async () => {
  for (const text of ["", "\n\n", "# nothing yet\n", "---\n"]) assert.is((await load(text)).isEmpty, true, JSON.stringify(text));
  assert.is((await load("null")).isEmpty, undefined);
});

cases("counts positions of text with a byte order mark as an editor does", async () => {
  const { problems } = await load("\uFEFFversion: 1\nport: 8080\n");
  assert.equal(problems[0]?.range.start, { line: 2, column: 1 });
  const windows = await load("version: 1\r\n\r\nport: 8080\r\n");
  assert.equal(windows.problems[0]?.range, { start: { line: 3, column: 1 }, end: { line: 3, column: 5 } });
});

cases("without a file, serves echo under every name on this machine", async () => {
  const { config, problems } = await loadWithoutFile();
  assert.equal(problems, []);
  assert.equal(config?.models.map(({ name, targets }) => [name, targets.map(({ kind }) => kind)]), [["*", ["echo"]]]);
  assert.equal(config?.listeners.map(({ host, ports }) => [host, ports]), [["127.0.0.1", [8080]]]);
});

cases.run();
