// `npm run bench`, `npm run bench -- --quick small stream`: what the proxy costs beside a bare server over the same models.
// docs/development/benchmarks.md says how to read it.
import { parseArgs } from "node:util";
import { distState, build } from "../../scripts/build.mjs";
import { bench } from "./bench.ts";
import { cases } from "./cases.ts";
import { renderTable } from "./report.ts";

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    profile: { type: "string" },
  },
});
if (words.join() === "activation") {
  // In real windows, which take a minute: only where it is asked for.
  if (distState() !== "current") await build();
  const { benchActivation, renderActivation } = await import("./activation.ts");
  const activation = await benchActivation(options.quick ? 3 : 11);
  process.stdout.write(`${options.json ? JSON.stringify(activation) : renderActivation(activation)}\n`);
  process.exit(activation.isServerLoaded ? 1 : 0);
}
const chosen = cases.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) throw new Error(`No case is called so: ${cases.map(({ name }) => name).join(", ")}.`);
if (distState() !== "current") await build();

const report = await bench(chosen, {
  isQuick: options.quick,
  profileFolder: options.profile,
  onCase: ({ name }) => process.stderr.write(`${name}\n`),
});
process.stdout.write(`${options.json ? JSON.stringify(report) : renderTable(report)}\n`);
process.exitCode = report.results.some(({ isMet }) => isMet === false) ? 1 : 0;
