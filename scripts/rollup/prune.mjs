import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A rollup plugin that removes the chunks of earlier builds, which would otherwise be packaged for ever. */
export const prune = () => ({
  name: "prune",
  writeBundle({ dir }, bundle) {
    for (const file of readdirSync(dir)) if (file.endsWith(".cjs") && !(file in bundle)) rmSync(join(dir, file));
  },
});
