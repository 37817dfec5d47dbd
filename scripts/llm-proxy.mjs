// `npm run --silent llm-proxy -- serve`: the command from a clone, on the Node that the clone brings.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stopWithParent } from "./stop-with-parent.mjs";

const cli = new URL("../dist/cli.cjs", import.meta.url);

/** Without node_modules this file is run by whatever Node the machine has, so nothing newer is loaded before this is known. */
const isBuilt = existsSync(cli) && existsSync(new URL("../node_modules/.bin", import.meta.url));

const run = async () => {
  const { distState } = await import("./build.mjs");
  if (distState() !== "current") {
    process.stderr.write(
      "dist/ was not made from the sources as they are now: `npm run build` brings it up to date.\n",
    );
  }
  // npm starts scripts in the folder of package.json; files named on the command line are where the person stands.
  if (process.env["INIT_CWD"] !== undefined) process.chdir(process.env["INIT_CWD"]);
  stopWithParent();
  process.argv[1] = fileURLToPath(cli);
  await import(cli.href);
};

if (isBuilt) {
  await run();
} else {
  process.stderr.write("llm-proxy is not built yet: run `npm ci` in the repository's folder, then this again.\n");
  process.exitCode = 2;
}
