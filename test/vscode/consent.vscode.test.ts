import { request } from "node:http";
import * as assert from "uvu/assert";
import { answerConsent, configOf, fileName, findFreePort, isListening, statusItem, untilFree, untilServing, vsix } from "./served.ts";
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

/** The problems of the folder's file: line and message. */
const problemsOf = ({ run, folder }: Editor): Promise<readonly (readonly [number, string])[]> =>
  run(({ vscode }, path) => vscode.languages.getDiagnostics(vscode.Uri.file(path))
    .map(({ range, message }) => [range.start.line + 1, message] as const), `${folder.path}/${fileName}`);

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

test("stops what runs when the consent is taken back, and asks like the first time", async (editor) => {
  const port = await serveAllowed(editor, "fifth.test");
  await editor.workbench.runFromPalette("LLM Proxy: Forget Consent");
  await untilFree(port);
  await answerConsent(editor, "fifth.test", "Not Now");
  await editor.folder.write(fileName, configOf(port));
  await untilServing(port);
});

test.run();
