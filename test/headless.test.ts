import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const entry = fileURLToPath(new URL("../src/headless.ts", import.meta.url));

const run = (...args: readonly string[]): readonly [status: number | null, stdout: string, stderr: string] => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", entry, ...args], { encoding: "utf8" });
  return [status, stdout, stderr];
};

const cases = suite("headless");

cases("tells its version, as the package has it", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  assert.equal(run("--version"), [0, `${version}\n`, ""]);
});

cases("tells every command, asked or not understood, and ends with 2 where it was not asked", () => {
  const [status, help, said] = run("--help");
  assert.equal([status, said], [0, ""]);
  for (const command of ["serve", "check", "models", "status", "init", "key", "schema", "--version"]) assert.match(help, command);
  assert.equal(run("nope"), [2, "", `llm-proxy has no command nope.\n${help}`]);
});

cases("tells how a command is written where an option is not known", () => {
  const [status, out, said] = run("check", "--nope");
  assert.equal([status, out], [2, ""]);
  assert.match(said, /--nope[^]*llm-proxy check \[FILE\.\.\.\] \[--json\]/);
});

cases.run();
