import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { init } from "../../src/cli/init.ts";
import { template } from "../../src/config/template.ts";
import { load } from "../../src/config/load.ts";
import { createRecordedIo, type RecordedIo } from "./command-io.ts";

const cases = suite<{ folder: string; io: RecordedIo }>("cli/init");

cases.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "llm-proxy-init-"));
  context.io = createRecordedIo(context.folder);
});
cases.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const read = (folder: string): string => readFileSync(join(folder, ".llmproxy.yaml"), "utf8");

cases("writes a file that is valid as it is", async ({ folder, io }) => {
  assert.is(await init.run([], io), 0);
  assert.equal(io.outLines, ["wrote .llmproxy.yaml"]);
  const { config, problems } = await load(read(folder));
  assert.equal(problems, []);
  assert.equal(config?.models.map(({ name }) => name), ["gpt-4", "echo"]);
});

cases("never writes over a file", async ({ folder, io }) => {
  writeFileSync(join(folder, ".llmproxy.yaml"), "version: 1\n");
  assert.is(await init.run([], io), 2);
  assert.is(read(folder), "version: 1\n");
  assert.match(io.errLines[0] ?? "", "is there already");
});

cases("says where it could not write", async ({ io }) => {
  assert.is(await init.run(["--config", "none/.llmproxy.yaml"], io), 2);
  assert.match(io.errLines[0] ?? "", "The folder of none/.llmproxy.yaml is not there");
});

cases("names the schema to editors only where one lies beside it", async ({ folder, io }) => {
  writeFileSync(join(folder, "llm-proxy.schema.json"), "{}");
  await init.run([], io);
  assert.match(read(folder), /^# yaml-language-server: \$schema=\.\/llm-proxy\.schema\.json\n/);
  assert.not.match(template, "yaml-language-server");
});

const isSwitchedOff = (line: string): boolean => /^\s*#\S/.test(line);
const switchOn = (line: string): string => line.replace("#", "");

cases("shows nothing that would not work: each line that is switched off, and all of them", async () => {
  const lines = template.split("\n");
  const switchable = lines.filter(isSwitchedOff);
  assert.ok(switchable.length >= 4, switchable.join("\n"));
  const files = [
    lines.map((line) => (isSwitchedOff(line) ? switchOn(line) : line)),
    ...switchable.map((one) => lines.map((line) => (line === one ? switchOn(line) : line))),
  ];
  for (const file of files) assert.equal((await load(file.join("\n"))).problems, [], file.join("\n"));
});

cases.run();
