import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const checking = suite("scripts/check");

checking("types and lint have nothing to say about the repository", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/check.mjs"], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  assert.is(status, 0, `\n${stdout}${stderr}`);
});

checking.run();
