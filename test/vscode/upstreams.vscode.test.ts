// Upstreams as a window asks them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { createAuthority, withTunnel } from "../models/openai-upstream/tunnel.ts";
import { openModelServer } from "./provider/model-server.ts";
import { answerConsent, clientOf, fileName, findFreePort, hello, untilServing } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { text } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";

const authority = createAuthority();
const authorityFolder = mkdtempSync(join(tmpdir(), "llm-proxy-authority-"));
process.once("exit", () => rmSync(authorityFolder, { recursive: true }));
const authorityFile = join(authorityFolder, "authority.pem");
writeFileSync(authorityFile, authority.cert);

// The machine's own authorities, as Linux has them.
const test = editorSuite("vscode/upstreams", { window: "shared", environment: { SSL_CERT_FILE: authorityFile } });

const setHttp = ({ run }: Editor, name: string, value: unknown): Promise<void> =>
  run(async ({ vscode }, [setting, to]) => {
    await vscode.workspace.getConfiguration("http").update(setting, to, vscode.ConfigurationTarget.Global);
  }, [name, value] as const);

test("an upstream is reached through http.proxy, trusted as the machine trusts, and the setting is followed", (editor) => withTunnel(async ({ proxy, asked, reached }) => {
  const port = await findFreePort();
  await editor.folder.write(fileName, [
    "version: 1",
    `listeners: { local: { ports: ${port} } }`,
    "upstreams: { far: { baseUrl: https://upstream.test/v1 } }",
    "defaults: { retry: { maxRetries: 0 } }",
    "models: { gpt-4: { upstream: far, model: m } }",
    "",
  ].join("\n"));
  await answerConsent(editor, "upstream\\.test", "Allow");
  await untilServing(port);
  const ask = async (): Promise<string> => clientOf(port).chat.completions.create(hello).then(({ choices }) => choices[0]?.message.content ?? "", (error: Error) => error.message);

  assert.match(await ask(), "has a name that cannot be looked up");
  await setHttp(editor, "proxy", proxy);
  assert.match(await ask(), "(http.proxy), which asks for a user name and a password (407)");
  await setHttp(editor, "proxyAuthorization", `Basic ${Buffer.from("ann:secret").toString("base64")}`);
  assert.is(await ask(), "Hi");
  assert.equal(asked.at(-1), "CONNECT upstream.test:443");
  assert.equal(reached, ["POST upstream.test/v1/chat/completions"]);
  await setHttp(editor, "noProxy", ["upstream.test"]);
  assert.match(await ask(), "has a name that cannot be looked up");
}, { credentials: "ann:secret", authority }));

test("an upstream that tells no usage is counted for by a model of the editor", async (editor) => {
  const server = await openModelServer();
  server.direct([[text("one two three")]]);
  const port = await findFreePort();
  await editor.folder.write(fileName, [
    "version: 1",
    `listeners: { local: { ports: ${port} } }`,
    `upstreams: { near: { baseUrl: "http://127.0.0.1:${server.port}/v1" } }`,
    "models: { gpt-4: { upstream: near, model: m } }",
    "",
  ].join("\n"));
  await answerConsent(editor, `127\\.0\\.0\\.1:${server.port}`, "Allow");
  await untilServing(port);
  const { data, response } = await clientOf(port).chat.completions.create({ ...hello, messages: [{ role: "user", content: "four words of mine" }] }).withResponse();
  assert.equal([data.usage?.prompt_tokens, data.usage?.completion_tokens], [4, 3], "the scripted model counts words");
  assert.match(response.headers.get("x-llm-proxy-warnings") ?? "", "the upstream near tells no usage: what is told is an estimate");
  server.close();
});

test.run();
