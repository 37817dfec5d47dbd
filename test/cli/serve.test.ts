import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startServe as start } from "./start-serve.ts";

const cases = suite<{ folder: string }>("cli/serve");

cases.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), "llm-proxy-serve-"))));
cases.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const risky = `version: 1
listeners: { local: { ports: 0, allowedHosts: [proxy.test] } }
models: { a: { echo: {} } }
keys: { ci: { key: "\${env:CI_KEY}" } }
`;

cases("says what the file asks for before it listens, and again when that changes", async ({ folder }) => {
  const file = join(folder, ".llmproxy.yaml");
  writeFileSync(file, risky);
  const { io, said, stop } = start(folder, []);
  await said(/^listening on /);
  assert.is(io.outLines[0], ".llmproxy.yaml asks to answer requests that are addressed to proxy.test; read the environment variable CI_KEY");
  writeFileSync(file, `${risky}# the same\nmetrics: { enabled: false }\n`);
  await said(/^reloaded/);
  assert.is(io.outLines.filter((line) => line.includes("asks to")).length, 1);
  writeFileSync(file, risky.replace("proxy.test", "other.test"));
  await said(/asks to .*other\.test/);
  assert.is(await stop(), 0);
});

cases("tells a program the same as an event", async ({ folder }) => {
  writeFileSync(join(folder, ".llmproxy.yaml"), risky);
  const { io, said, stop } = start(folder, ["--json"]);
  await said(/"listening"/);
  assert.equal(JSON.parse(io.outLines[0] ?? ""), {
    event: "risks",
    file: ".llmproxy.yaml",
    risks: [{ kind: "allowedHost", name: "proxy.test" }, { kind: "env", name: "CI_KEY" }],
  });
  assert.is(await stop(), 0);
});

cases("has nothing to say of a file that only serves this machine", async ({ folder }) => {
  writeFileSync(join(folder, ".llmproxy.yaml"), "version: 1\nlisteners: { local: { ports: 0 } }\nmodels: { a: { echo: {} } }\n");
  const { io, said, stop } = start(folder, []);
  await said(/^listening on /);
  assert.match(io.outLines[0] ?? "", /^listening on /);
  assert.is(await stop(), 0);
});

cases.run();
