import { readFileSync } from "node:fs";

/** A rollup plugin that puts the command's entry beside the bundle as it is written, in the old syntax that it keeps to. */
export const cli = (path) => ({
  name: "cli",
  buildStart() {
    this.addWatchFile(path);
    this.emitFile({ type: "asset", fileName: "cli.cjs", source: readFileSync(path, "utf8") });
  },
});
