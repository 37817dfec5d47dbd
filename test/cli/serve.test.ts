import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { init } from "../../src/cli/init.ts";
import { createRecordedIo } from "./command-io.ts";
import { freePort, occupy, portOf, release } from "../support/ports.ts";
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

/** Runs what a line of the terminal says after `try: `, and gives the answer's text. */
const tryLine = async (lines: readonly string[]): Promise<string> => {
  const line = lines.find((each) => each.startsWith("try: ")) ?? "";
  const { stdout } = await promisify(execFile)("sh", ["-c", `${line.slice("try: ".length)} --silent`]);
  const answer = JSON.parse(stdout) as { choices: [{ message: { content: string } }] };
  return answer.choices[0].message.content;
};

cases("suggests a request that works, also where the first alias is the editor's and another no route serves", async ({ folder }) => {
  const file = join(folder, ".llmproxy.yaml");
  await init.run([], createRecordedIo(folder));
  const first = start(folder, ["--port", "0"]);
  await first.said(/^try: /);
  assert.is(await tryLine(first.io.outLines), "Hello");
  await first.stop();
  writeFileSync(file, `version: 1
listeners: { local: { ports: 0 } }
models: { gpt-4: copilot/gpt-4o, other: { echo: { reply: other } }, "it's-*": { echo: { reply: "it's" } } }
routes: [{ path: /v1, models: [gpt-4, "it's-*"] }]
`);
  const second = start(folder, []);
  await second.said(/^try: /);
  assert.is(await tryLine(second.io.outLines), "it's");
  await second.stop();
});

cases("says what to do where no model of the file runs in a terminal", async ({ folder }) => {
  writeFileSync(join(folder, ".llmproxy.yaml"), "version: 1\nlisteners: { local: { ports: 0 } }\nmodels: { gpt-4: copilot/gpt-4o }\n");
  const { io, said, stop } = start(folder, []);
  await said(/^listening on /);
  await stop();
  assert.match(io.errLines.join("\n"), /Nothing that this file serves runs in a terminal: with --stand-in echo/);
  assert.is(io.outLines.filter((line) => line.startsWith("try: ")).length, 0);
});

cases("ends with 2 for a stand-in that is not declared, before anything listens", async ({ folder }) => {
  for (const text of [undefined, "version: 1\nlisteners: { local: { ports: 0 } }\nupstreams: { ollama: { baseUrl: \"http://127.0.0.1:1/v1\" } }\n"]) {
    if (text !== undefined) writeFileSync(join(folder, ".llmproxy.yaml"), text);
    const { io, stop } = start(folder, ["--stand-in", "nope"]);
    assert.is(await stop(), 2);
    assert.equal([io.outLines, io.errLines.length], [[], 1]);
    assert.match(io.errLines[0] ?? "", /^--stand-in nope: no upstream is named so\. Declare it under upstreams: in \.llmproxy\.yaml, or use --stand-in echo/);
  }
});

cases("blames --port, and not the file, for a port that is taken", async ({ folder }) => {
  const stranger = await occupy();
  const [port, own] = [portOf(stranger), await freePort()];
  try {
    writeFileSync(join(folder, ".llmproxy.yaml"), `version: 1\nlisteners:\n  local: { ports: ${own} }\nmodels: { a: { echo: {} } }\n`);
    const taken = start(folder, ["--port", String(port)]);
    assert.is(await taken.stop(), 2);
    assert.equal(taken.io.errLines.map((line) => line.replace(/: 127.* has the port\./, ": …")), [`--port ${port}: error: … (Give --port another number; 0 takes any free port.)`]);
    const json = start(folder, ["--json", "--port", String(port)]);
    assert.is(await json.stop(), 2);
    const { problems } = JSON.parse(json.io.outLines.at(-1) ?? "") as { problems: [Record<string, unknown>] };
    assert.equal([problems[0]["option"], problems[0]["path"]], [`--port ${port}`, []]);
    writeFileSync(join(folder, ".llmproxy.yaml"), `version: 1\nlisteners:\n  local: { ports: ${own} }\n  other: { ports: ${port} }\nmodels: { a: { echo: {} } }\n`);
    const others = start(folder, ["--port", "0"]);
    assert.is(await others.stop(), 2);
    assert.match(others.io.errLines[0] ?? "", /^\.llmproxy\.yaml:4:19: error: /, "the port of another listener is the file's own");
    writeFileSync(join(folder, ".llmproxy.yaml"), `version: 1\nlisteners:\n  local: { ports: ${port} }\n  other: { ports: ${own} }\nmodels: { a: { echo: {} } }\n`);
    const itself = start(folder, ["--port", String(own)]);
    assert.is(await itself.stop(), 2);
    assert.equal(itself.io.errLines, [`--port ${own}: error: Listener "local" gets port ${own}, which listener "other" has in the file. (Give --port another number; 0 takes any free port.)`]);
  } finally {
    await release(stranger);
  }
});

cases.run();
