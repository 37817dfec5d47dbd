import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { check } from "../../src/cli/check.ts";
import { createRecordedIo, type RecordedIo } from "./command-io.ts";

const cases = suite<{ folder: string; io: RecordedIo }>("cli/check");

cases.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "llm-proxy-check-"));
  context.io = createRecordedIo(context.folder);
});
cases.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const write = (folder: string, name: string, text: string): void => writeFileSync(join(folder, name), text);

cases("says FILE:LINE:COL: severity: message (hint) for each problem, and ends with 1", async ({ folder, io }) => {
  write(folder, ".llmproxy.yaml", "version: 1\nlisteners:\n  local:\n    port: 8080\n");
  assert.is(await check.run([], io), 1);
  assert.equal(io.outLines, [".llmproxy.yaml:4:5: error: Unknown property \"port\". (Did you mean ports?)"]);
  assert.equal(io.errLines, []);
});

cases("says where it stops to list them", async ({ folder, io }) => {
  write(folder, ".llmproxy.yaml", `version: 1\nmodels:\n${Array.from({ length: 150 }, (_, index) => `  a${index}: { vendr: copilot }\n`).join("")}`);
  assert.is(await check.run([], io), 1);
  assert.is(io.outLines.length, 100);
  assert.equal(io.errLines, ["These are the first 100 problems of .llmproxy.yaml; there may be more."]);
});

cases("ends with 0 for a file without errors", async ({ folder, io }) => {
  write(folder, "echo.yaml", "version: 1\nmodels: { a: { echo: {} } }\n");
  assert.is(await check.run(["echo.yaml"], io), 0);
  assert.equal(io.outLines, []);
  assert.equal(io.errLines, ["echo.yaml is valid."]);
});

cases("reads no references: an unset one is nothing to check", async ({ folder, io }) => {
  write(folder, ".llmproxy.yaml", "version: 1\nkeys: { ci: { key: \"${env:NOT_SET}\" } }\nmodels: { a: { echo: {} } }\n");
  assert.is(await check.run([], io), 0);
  assert.equal(io.outLines, []);
});

cases("tells which aliases only an editor answers for, without finding fault", async ({ folder, io }) => {
  write(folder, ".llmproxy.yaml", "version: 1\nmodels:\n  gpt-4: copilot/gpt-4o\n  both: [copilot/gpt-4o, { echo: {} }]\n");
  assert.is(await check.run([], io), 0);
  assert.is(io.outLines.length, 1);
  assert.match(io.outLines[0] ?? "", /^\.llmproxy\.yaml:3:3: information: Only VS Code has the models of "gpt-4"\. \(.*--stand-in/);
});

cases("prints one object a line with --json", async ({ folder, io }) => {
  write(folder, ".llmproxy.yaml", "version: 1\nhost: x\nmodels: { a: 4 }\n");
  assert.is(await check.run(["--json"], io), 1);
  const problems = io.outLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(problems.map(({ file, line, column, severity }) => [file, line, column, severity]), [[".llmproxy.yaml", 2, 1, "error"], [".llmproxy.yaml", 3, 14, "error"]]);
  assert.equal(problems[1]?.["path"], ["models", "a"]);
  assert.equal(problems[1]?.["fixes"], [{ title: "Put it in quotes", edits: [{ line: 3, column: 14, endLine: 3, endColumn: 15, text: "\"4\"" }] }]);
  assert.equal(io.errLines, []);
});

cases("leaves out of --json what only an editor can do, and the secret itself", async ({ folder, io }) => {
  write(folder, ".llmproxy.yaml", "version: 1\nkeys: { ci: { key: s3cr3t-key } }\n");
  assert.is(await check.run(["--json"], io), 1);
  const { fixes } = JSON.parse(io.outLines[0] ?? "") as { readonly fixes: readonly { readonly title: string }[] };
  assert.equal(fixes.map(({ title }) => title), ["Keep only its hash here"]);
  assert.not.match(io.outLines.join(), "s3cr3t-key");
});

cases("checks every file that is named, and ends with the worst of their codes", async ({ folder, io }) => {
  write(folder, "good.yaml", "version: 1\nmodels: { a: { echo: {} } }\n");
  write(folder, "bad.yaml", "version: 2\n");
  assert.is(await check.run(["bad.yaml", "good.yaml"], io), 1);
  assert.is(await check.run(["bad.yaml", "none.yaml", "good.yaml"], io), 2);
});

cases("could not run where there is no file, and says what is there instead", async ({ folder, io }) => {
  assert.is(await check.run([], io), 2);
  assert.match(io.errLines[0] ?? "", ".llmproxy.yaml is not there");
  write(folder, ".llmproxy.yml", "version: 1\n");
  assert.is(await check.run([], io), 2);
  assert.match(io.errLines[1] ?? "", "rename it to .llmproxy.yaml");
});

cases("tells a program in the same form why a file could not be read", async ({ folder, io }) => {
  mkdirSync(join(folder, "folder.yaml"));
  assert.is(await check.run(["--json", "none.yaml", "folder.yaml"], io), 2);
  const problems = io.outLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(problems.map(({ file, line, column, severity }) => [file, line, column, severity]), [["none.yaml", 1, 1, "error"], ["folder.yaml", 1, 1, "error"]]);
  assert.match(String(problems[0]?.["message"]), "none.yaml is not there");
  assert.match(String(problems[1]?.["message"]), "A folder stands in the file's place");
  assert.equal(io.errLines, []);
});

cases("could not run on a folder or a pipe, and does not wait for one", async ({ folder, io }) => {
  mkdirSync(join(folder, "folder.yaml"));
  assert.is(await check.run(["folder.yaml"], io), 2);
  assert.match(io.errLines[0] ?? "", "A folder stands in the file's place");
  if (process.platform === "win32") return;
  execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
  assert.is(await check.run(["pipe.yaml"], io), 2);
  assert.match(io.errLines[1] ?? "", "pipe");
});

cases("finds an empty file wrong", async ({ folder, io }) => {
  write(folder, ".llmproxy.yaml", "# nothing yet\n");
  assert.is(await check.run([], io), 1);
  assert.match(io.outLines[0] ?? "", "The file is empty.");
});

cases.run();
