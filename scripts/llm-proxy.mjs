// `npm run --silent llm-proxy -- serve`: the command from a clone, on the Node that the clone brings.
import { fileURLToPath } from "node:url";
import { distState } from "./build.mjs";

const state = distState();
if (state === "missing") {
  process.stderr.write("llm-proxy is not built yet: run `npm ci` once, or `npm run build`, and then this again.\n");
  process.exit(2);
}
if (state === "stale") process.stderr.write("dist/ is older than the sources: `npm run build` brings it up to date.\n");

// npm starts scripts in the folder of package.json; files named on the command line are where the person stands.
if (process.env["INIT_CWD"] !== undefined) process.chdir(process.env["INIT_CWD"]);
process.argv[1] = fileURLToPath(new URL("../dist/cli.cjs", import.meta.url));
await import("../dist/cli.cjs");
