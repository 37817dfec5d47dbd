// `npm run check`: types (TypeScript 7, the fast one) and lint (with type information), side by side.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs one of the installed command line programs on this very Node; gives its exit code. */
const run = (script, ...args) =>
  new Promise((resolve, reject) => {
    spawn(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" })
      .on("error", reject)
      .on("close", (code) => resolve(code ?? 1));
  });

const codes = await Promise.all([
  run("node_modules/typescript7/bin/tsc", "--noEmit", "--pretty", "false"),
  run("node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings", ...process.argv.slice(2)),
]);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
