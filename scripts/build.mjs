// `npm run build`: what is made from the schema, then dist/ by rollup. With --if-stale, only when something it is made of has changed.
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "./generate.mjs";
import { isMain } from "./is-main.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join(root, "src/config/generated");
const stamp = join(root, "dist/made-from");

const sources = [
  "src/**/*",
  "scripts/*.mjs",
  "scripts/rollup/*",
  "rollup.config.mjs",
  "tsconfig.json",
  "package-lock.json",
  "llm-proxy.schema.json",
];

/** One hash of all that the build reads. */
const hashSources = () => {
  const hash = createHash("sha256");
  const files = globSync(sources, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).toSorted()) {
    if (!path.startsWith(generated))
      hash.update(path.slice(root.length)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
};

/** Whether dist/ is there: `current`, `stale` (made from other sources than these) or `missing`. */
export const distState = () => {
  if (!existsSync(stamp)) return "missing";
  return readFileSync(stamp, "utf8") === hashSources() ? "current" : "stale";
};

/** Makes dist/; throws when rollup did not, having printed why. */
export const build = async ({ ifStale = false } = {}) => {
  await generate();
  if (ifStale && distState() === "current") return;
  const madeFrom = hashSources();
  rmSync(stamp, { force: true });
  const rollup = spawn(process.execPath, ["node_modules/rollup/dist/bin/rollup", "--config", "--silent"], {
    cwd: root,
    stdio: "inherit",
  });
  const [code] = await once(rollup, "close");
  if (code !== 0) throw new Error("dist/ could not be built; the reason is above.");
  writeFileSync(stamp, madeFrom);
};

if (isMain(import.meta.url)) {
  await build({ ifStale: process.argv.includes("--if-stale") }).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
