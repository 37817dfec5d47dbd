import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createStateFile } from "../../src/cli/state-file.ts";

const cases = suite("cli/state-file");

cases("keeps a text for each instance, in a folder that is the user's own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-state-"));
  try {
    const env = { XDG_STATE_HOME: folder, LOCALAPPDATA: folder };
    const [one, other] = [createStateFile("one", env), createStateFile("other", env)];
    assert.is(await one.read(), undefined);
    await one.write("first");
    await one.write("second");
    assert.is(await createStateFile("one", env).read(), "second");
    assert.is(await other.read(), undefined);
    assert.equal(readdirSync(join(folder, "llm-proxy")), ["one.json"], "no draft is left behind");
    if (process.platform !== "win32") assert.is(statSync(join(folder, "llm-proxy", "one.json")).mode & 0o777, 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

cases.run();
