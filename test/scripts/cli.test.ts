import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { transform } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const cli = "src/cli.cjs";

/** Runs the command's entry on this Node, made to look like another version. */
const runAs = (version: string): { status: number | null; stderr: string } =>
  spawnSync(
    process.execPath,
    [
      "-e",
      `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} }); require("./${cli}")`,
    ],
    { encoding: "utf8" },
  );

const command = suite("scripts/cli");

for (const version of ["0.12.18", "18.20.8", "20.20.2", "21.7.3", "22.18.0"]) {
  command(`on Node ${version} it says in one sentence what to do, and exits 2`, () => {
    const { status, stderr } = runAs(version);
    assert.is(status, 2);
    assert.match(
      stderr,
      /^llm-proxy needs Node\.js 22\.19 or newer and this is [\d.]+: install .+ and run the command again\.\n$/,
    );
  });
}

for (const version of ["22.19.0", "23.0.0", "24.21.0", "100.0.0"]) {
  command(`on Node ${version} it goes on to the proxy`, () => {
    // Beside the source there is no bundle, so that it looks for one shows that it went on.
    assert.match(runAs(version).stderr, "Cannot find module './headless.cjs'");
  });
}

command("names the same oldest Node as package.json", () => {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
  assert.is(engines.node, ">=22.19");
});

command("keeps to a syntax that every Node can read", async () => {
  const source = readFileSync(cli, "utf8");
  await transform(source, { target: "es5" });
  for (const newer of ["?.", "??", "=>", "`", "async "])
    assert.not(source.replaceAll(/\/\/.*$/gm, "").includes(newer), newer);
});

// npm's own Node is the machine's, which may really be an older one.
const machineNode = process.env["npm_node_execpath"];
const [major = 0] =
  machineNode === undefined
    ? []
    : spawnSync(machineNode, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout.split(".").map(Number);
if (machineNode !== undefined && major < 22) {
  command(`on the machine's own Node ${major}, really`, () => {
    const { status, stderr } = spawnSync(machineNode, [cli, "serve"], { encoding: "utf8" });
    assert.is(status, 2);
    assert.match(stderr, "llm-proxy needs Node.js 22.19 or newer");
  });
}

command.run();
