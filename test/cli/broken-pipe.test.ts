import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const cases = suite("cli/broken-pipe");

const headless = fileURLToPath(new URL("../../src/headless.ts", import.meta.url));

cases("serve goes on when nobody reads what it says any more", async () => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-pipe-"));
  writeFileSync(join(folder, ".llmproxy.yaml"), "version: 1\nlisteners: { local: { ports: 0 } }\nmodels: { a: { echo: {} } }\n");
  const child = spawn(process.execPath, [headless, "serve"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  try {
    const [first] = await once(child.stdout, "data") as [Buffer];
    const url = /listening on (\S+)/.exec(first.toString())?.[1] ?? "";
    child.stdout.destroy();
    child.stderr.destroy();
    // Each request is a line for a log that nobody reads.
    for (let index = 0; index < 3; index += 1) assert.is((await fetch(`${url}/v1/models`)).status, 200);
    child.kill("SIGINT");
    assert.equal(await ended, [0, null]);
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

cases.run();
