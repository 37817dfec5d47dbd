// `npm test`, `npm test -- policies config/parse`. In a fresh clone it installs the packages first, and with them the Node that runs the rest;
// so this file itself is read by whatever Node the machine has.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.env["npm_execpath"];

/** Runs npm on the Node that it is running on already; gives its exit code. */
const runNpm = (...args) => spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: "inherit" }).status ?? 1;

const installAndStartAgain = () => {
  const code = runNpm("ci");
  if (code === 0) return runNpm("--silent", "test", "--", ...process.argv.slice(2));
  process.stdout.write("`npm ci` failed; the reason is above.\n0 passed, 1 failed\n");
  return code;
};

if (npm === undefined) {
  process.stderr.write("Run the tests by `npm test`: it brings the Node that they need.\n");
  process.exitCode = 2;
} else if (existsSync(new URL("../node_modules/.package-lock.json", import.meta.url))) {
  await import("./runner/main.mjs");
} else {
  process.exitCode = installAndStartAgain();
}
