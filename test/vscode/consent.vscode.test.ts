import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:tls";
import * as assert from "uvu/assert";
import { createCertificate } from "../support/certificate.ts";
import { answerConsent, configOf, fileName, findFreePort, isListening, problemsOf, statusItem, untilFree, untilServing, vsix } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const test = editorSuite("vscode/consent", { extensions: [vsix], window: "shared" });

const question = "LLM Proxy asks before it serves";

/** A file that asks for something: to answer requests that are addressed to these hosts. */
const asking = (port: number, ...hosts: readonly string[]): string =>
  configOf(port).replace(`ports: ${port}`, `ports: ${port}, allowedHosts: [${hosts.join(", ")}]`);

/** Whether requests that are addressed to this host are answered. `fetch` would set the header by itself. */
const answersTo = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path: "/v1/models", headers: { host } }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode === 200));
    }).once("error", reject).end();
  });

const command = ({ run }: Editor, name: string) =>
  run(async ({ vscode }, id) => void (await vscode.commands.executeCommand(id)), `llmProxy.${name}`);

/** Serves a file that may answer to this host; gives its port. */
const serveAllowed = async (editor: Editor, host: string): Promise<number> => {
  const port = await findFreePort();
  await editor.folder.write(fileName, asking(port, host));
  await answerConsent(editor, host, "Allow");
  await untilServing(port);
  return port;
};

test("asks nothing of a file that only serves this machine", async (editor) => {
  const port = await findFreePort();
  await editor.folder.write(fileName, configOf(port));
  await untilServing(port);
  assert.is(await editor.workbench.notification(question).count(), 0);
});

test("says what a file would do, and starts nothing of it before that is allowed", async (editor) => {
  const { folder, workbench } = editor;
  await command(editor, "stop");
  const port = await findFreePort();
  await folder.write(fileName, asking(port, "first.test"));
  await command(editor, "start");
  const text = await answerConsent(editor, "first.test", "Not Now");
  assert.match(text, /The file would answer requests that are addressed to first\.test\./);
  await workbench.statusBecomes(statusItem, "waiting");
  assert.match((await workbench.statusTooltip(statusItem)).text, "for your consent");
  assert.not(await isListening(port));
  const [problem] = await problemsOf(editor);
  assert.is(problem?.[0], 2);
  assert.match(problem?.[1] ?? "", /until you allow what it asks for.*first\.test/);

  await command(editor, "start");
  await answerConsent(editor, "first.test", "Allow");
  await untilServing(port);
  assert.ok(await answersTo(port, "first.test"));
  assert.equal(await problemsOf(editor), []);
});

test("asks again when a file asks for more, and goes on with what ran before until that is allowed", async (editor) => {
  const port = await serveAllowed(editor, "second.test");
  const { generation } = await untilServing(port);
  await editor.folder.replace(fileName, asking(port, "second.test", "third.test"));
  await answerConsent(editor, "third.test", "Not Now");
  await until("No problem is shown", () => problemsOf(editor), ([problem]) => problem?.[1].includes("third.test") === true);
  assert.is((await untilServing(port)).generation, generation);
  assert.equal([await answersTo(port, "second.test"), await answersTo(port, "third.test")], [true, false]);

  await command(editor, "start");
  await answerConsent(editor, "third.test", "Allow");
  await untilServing(port, generation);
  assert.ok(await answersTo(port, "third.test"));
});

test("remembers what was allowed, in a window that is opened later too", async (editor) => {
  const port = await serveAllowed(editor, "fourth.test");
  await editor.window.reload();
  await untilServing(port);
  assert.is(await editor.workbench.notification(question).count(), 0);
});

/** What a request with this key is answered. */
const statusWith = async (port: number, key: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;

test("takes up a secret that is renewed in a file of its own", async (editor) => {
  const port = await findFreePort();
  await editor.folder.write("ci.key", "old-key\n");
  await editor.folder.write(fileName, `${configOf(port)}keys: { ci: { key: "\${file:ci.key}" } }\n`);
  await answerConsent(editor, "ci\\.key", "Allow");
  const { generation } = await untilServing(port);
  assert.equal([await statusWith(port, "old-key"), await statusWith(port, "new-key")], [200, 401]);
  await editor.folder.replace("ci.key", "new-key\n");
  await untilServing(port, generation);
  assert.equal([await statusWith(port, "old-key"), await statusWith(port, "new-key")], [401, 200]);
});

/** The serial number of the certificate that a port shows, and of the one that an open connection began with. */
const connectTo = async (port: number, ca: readonly string[]) => {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: [...ca] });
  await once(socket, "secureConnect");
  return { socket, serial: Number.parseInt(socket.getPeerCertificate().serialNumber, 16) };
};

test("takes up a certificate that is renewed, without a cut", async (editor) => {
  const port = await findFreePort();
  const [old, renewed] = [createCertificate({ serial: 1 }), createCertificate({ serial: 2 })];
  const write = async ({ cert, key }: typeof old): Promise<void> => {
    await editor.folder.write("certs/p.key", key);
    await editor.folder.replace("certs/p.pem", cert);
  };
  await write(old);
  await editor.folder.write(fileName, configOf(port).replace(`ports: ${port}`, `ports: ${port}, tls: { certFile: certs/p.pem, keyFile: certs/p.key }`));
  await answerConsent(editor, "certs/p\\.pem", "Allow");
  // Who is about to bind a port looks first whether it is free, and hangs up on whoever comes at that moment.
  const before = await until("No certificate is shown", () => connectTo(port, [old.cert]).catch(() => undefined), (connection) => connection !== undefined);
  assert.ok(before);
  assert.is(before.serial, 1);
  await write(renewed);
  await until("The old certificate is still shown", async () => {
    const { socket, serial } = await connectTo(port, [old.cert, renewed.cert]);
    socket.destroy();
    return serial;
  }, (serial) => serial === 2);
  before.socket.write("GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
  const [answer] = await once(before.socket, "data") as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 200 /);
  before.socket.destroy();
  assert.equal(await problemsOf(editor), []);
});

test("stops what runs when the consent is taken back, and asks like the first time", async (editor) => {
  const port = await serveAllowed(editor, "fifth.test");
  await editor.workbench.runFromPalette("LLM Proxy: Manage Consent");
  await editor.workbench.pick("Take back what you allowed");
  await untilFree(port);
  await answerConsent(editor, "fifth.test", "Not Now");
  await editor.folder.write(fileName, configOf(port));
  await untilServing(port);
});

test.run();
