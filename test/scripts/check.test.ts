import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const checking = suite("scripts/check");

checking("types and lint have nothing to say about the repository", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/check.mjs"], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  // Printed rather than thrown: uvu would show a long message twice.
  if (status !== 0) process.stdout.write(`\n${stdout}${stderr}`);
  assert.is(status, 0);
});

checking.run();
