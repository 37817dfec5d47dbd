import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addressOf } from "../../src/cli/ask-health.ts";
import { status } from "../../src/cli/status.ts";
import { createRecordedIo } from "./command-io.ts";
import { startServe } from "./start-serve.ts";

const cases = suite<{ folder: string }>("cli/status");

cases.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), "llm-proxy-status-"))));
cases.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const open = async (handler: RequestListener) => {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => new Promise((done) => void server.close(done)) };
};

const findFreePort = async (): Promise<number> => {
  const { port, close } = await open(() => {});
  await close();
  return port;
};

const write = (folder: string, ports: string, more = ""): void =>
  writeFileSync(join(folder, ".llmproxy.yaml"), `version: 1\nlisteners: { local: { ports: ${ports} } }\nmodels: { a: { echo: {} } }\n${more}`);

const ask = async (folder: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
  const io = createRecordedIo(folder, env);
  return { code: await status.run(args, io), out: io.outLines, err: io.errLines };
};

cases("tells state and figures of what runs, and ends with 0", async ({ folder }) => {
  const port = await findFreePort();
  write(folder, String(port));
  const { said, stop } = startServe(folder, []);
  await said(/^listening on/);
  await (await fetch(`http://127.0.0.1:${port}/v1/models`)).text();
  const { code, out } = await ask(folder);
  assert.is(code, 0);
  assert.match(out[0] ?? "", new RegExp(`^local http://127\\.0\\.0\\.1:${port}: running, generation [0-9a-f]{8}, version \\d`));
  assert.match(out[1] ?? "", /^requests: 1, \d under way on \d connections, 0\.0 % failed; none to a model in the last hour$/);
  const { out: lines } = await ask(folder, ["--json"]);
  const [answer] = lines.map((line) => JSON.parse(line) as { runs: boolean; health: { state: string; figures: { requests: number } } });
  assert.equal([answer?.runs, answer?.health.state], [true, "running"]);
  assert.ok((answer?.health.figures.requests ?? 0) >= 1);
  await stop();
});

cases("tells people what each name stands for, what is left for each key, and what is wrong with the file", async ({ folder }) => {
  const port = await findFreePort();
  writeFileSync(join(folder, ".llmproxy.yaml"), `version: 1
listeners: { local: { ports: ${port} } }
models:
  gpt-4: [copilot/gpt-4o, { echo: {} }]
  lost: copilot/gpt-4o
  "*": copilot/*
keys:
  me: { key: "\${env:CI_KEY}", models: [gpt-4], rateLimit: { requestsPerDay: 9 }, expires: "2100-01-01" }
  gone: { key: "\${env:NOT_SET}" }
`);
  const { said, stop } = startServe(folder, [], { CI_KEY: "sesame" });
  await said(/^listening on/);
  const { out } = await ask(folder, ["--key", "sesame"]);
  const lines = out.slice(2).map((line) => line.replace(/(is skipped|warning): .*/, "$1"));
  assert.equal(lines, [
    "route /v1: openai-chat on local",
    "model gpt-4: echo/echo; copilot/gpt-4o is skipped",
    "model lost: nobody; copilot/gpt-4o is skipped",
    "model *: nobody; copilot/* is skipped",
    "key me: active, only gpt-4, until 2100-01-01, requestsPerDay 9 of 9 left",
    "key gone: unset, matches nobody",
    ".llmproxy.yaml:9:16: warning",
  ]);
  await stop();
});

cases("presents a key, from an option or the environment, for the figures", async ({ folder }) => {
  const port = await findFreePort();
  write(folder, String(port), "keys: { me: { key: \"${env:CI_KEY}\" } }\n");
  const { said, stop } = startServe(folder, [], { CI_KEY: "sesame" });
  await said(/^listening on/);
  const without = await ask(folder);
  assert.equal([without.code, without.out.length, without.err], [0, 1, ["With a key, in --key or LLM_PROXY_KEY, it tells its figures too."]]);
  assert.equal((await ask(folder, ["--key", "wrong"])).err, ["Its figures are not for this key."]);
  assert.match((await ask(folder, ["--key", "sesame"])).out[1] ?? "", "requests: ");
  assert.match((await ask(folder, [], { LLM_PROXY_KEY: "sesame" })).out[1] ?? "", "requests: ");
  await stop();
});

cases("says where nobody answers, and ends with 1", async ({ folder }) => {
  const port = await findFreePort();
  write(folder, `[0, ${port}]`);
  const { code, out, err } = await ask(folder);
  assert.equal([code, err], [1, []]);
  assert.equal(out, ["local: it takes any free port, which llm-proxy serve prints", `local http://127.0.0.1:${port}: nobody listens there`]);
});

for (const [who, body, said] of [
  ["another program", "<html>", "another program listens there"],
  ["a program that speaks JSON", "null", "another program listens there"],
  ["the proxy of another file", JSON.stringify({ state: "running", version: "1", generation: "0", instance: "other" }), "the proxy of another file answers there"],
] as const) {
  cases(`is not taken in by ${who}`, async ({ folder }) => {
    const shown: (string | undefined)[] = [];
    const { port, close } = await open(({ headers }, response) => {
      shown.push(headers.authorization);
      response.end(body);
    });
    write(folder, String(port));
    const { code, out } = await ask(folder, ["--key", "sesame"]);
    assert.equal([code, out], [1, [`local http://127.0.0.1:${port}: ${said}`]]);
    assert.equal(shown, [undefined], "the key is shown to nobody but the file's own proxy");
    await close();
  });
}

cases("asks a listener for all addresses on this machine", () => {
  assert.equal(["0.0.0.0", "::", "::1", "box.test"].map((host) => addressOf({ host }, 9000)), ["http://127.0.0.1:9000", "http://[::1]:9000", "http://[::1]:9000", "http://box.test:9000"]);
});

cases.run();
