import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { models } from "../../src/cli/models.ts";
import { createRecordedIo } from "./command-io.ts";

const cases = suite<{ folder: string }>("cli/models");

cases.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), "llm-proxy-models-"))));
cases.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const file = `version: 1
upstreams:
  ollama: { baseUrl: "http://127.0.0.1:9/v1" }
  hosted: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "\${env:HOSTED_KEY}" }
models:
  gpt-4: copilot/gpt-4o
  smart: [{ vendor: copilot, family: claude-sonnet-4, version: "1" }, { upstream: hosted, model: big }, { upstream: ollama, model: "llama3.1:8b" }]
  canned: { targets: [{ echo: {} }], description: for a try }
`;

const run = async (folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}, text = file) => {
  writeFileSync(join(folder, ".llmproxy.yaml"), text);
  const io = createRecordedIo(folder, env);
  return { code: await models.run(args, io), ...io };
};

cases("says what each alias stands for, and why something does not run", async ({ folder }) => {
  const { code, outLines } = await run(folder, []);
  assert.is(code, 0);
  assert.equal(outLines.map((line) => line.replace(/(does not run here: ).*(HOSTED|VS Code|not set).*/, "$1$2")), [
    "gpt-4   copilot/gpt-4o  does not run here: VS Code",
    "smart   vendor copilot, family claude-sonnet-4, version 1  does not run here: VS Code",
    "        hosted: big  does not run here: not set",
    "        ollama: llama3.1:8b",
    "canned  echo",
  ]);
});

cases("runs here once what it refers to is set", async ({ folder }) => {
  const { outLines } = await run(folder, [], { HOSTED_KEY: "key" });
  assert.ok(outLines.includes("        hosted: big"));
});

cases("prints one object for each alias with --json", async ({ folder }) => {
  const { code, outLines, errLines } = await run(folder, ["--json"], { HOSTED_KEY: "key" });
  const aliases = outLines.map((line) => JSON.parse(line) as { name: string; runnable: boolean; description?: string; targets: readonly { target: string; unavailable?: string }[] });
  assert.equal([code, errLines], [0, []]);
  assert.equal(aliases.map(({ name, runnable, description }) => [name, runnable, description]), [["gpt-4", false, undefined], ["smart", true, undefined], ["canned", true, "for a try"]]);
  assert.match(aliases[0]?.targets[0]?.unavailable ?? "", "VS Code");
  assert.equal(aliases[2]?.targets, [{ target: "echo", model: "echo/echo" }]);
});

cases("ends with 1 for a file with errors and says them, with 2 for none", async ({ folder }) => {
  const { code, errLines } = await run(folder, [], {}, "version: 1\nmodles: {}\n");
  assert.is(code, 1);
  assert.match(errLines[0] ?? "", /^\.llmproxy\.yaml:2:1: error: /);
  const io = createRecordedIo(folder);
  assert.is(await models.run(["--config", "none.yaml"], io), 2);
  assert.match(io.errLines[0] ?? "", "none.yaml is not there");
});

cases.run();
