import * as assert from "uvu/assert";
import { configOf, fileName, findFreePort, isListening, statusItem, stream, untilFree, untilServing, vsix } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const test = editorSuite("vscode/settings", { extensions: [vsix], window: "shared" });

/** Sets a setting of the user's, as the settings editor does; `undefined` is its default again. */
const set = ({ run }: Pick<Editor, "run">, name: string, value: unknown): Promise<void> =>
  run(({ vscode }, [key, to]) => vscode.workspace.getConfiguration("llmProxy").update(key, to ?? undefined, vscode.ConfigurationTarget.Global), [name, value] as const);

const command = ({ run }: Pick<Editor, "run">, name: string): Promise<void> =>
  run(async ({ vscode }, id) => void (await vscode.commands.executeCommand(id)), `llmProxy.${name}`);

const statusWith = (port: number, key: string): Promise<number> =>
  fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status);

test("starts nothing by itself; started, serves every model on the ports that the settings say", async (editor) => {
  const [port, other] = [await findFreePort(), await findFreePort()];
  await set(editor, "port", port);
  assert.not(await isListening(port));
  await command(editor, "start");
  await untilServing(port);
  await editor.workbench.statusBecomes(statusItem, String(port));
  assert.is((await stream(port, { model: "gpt-4o-mini" })).answeredBy, "copilot/gpt-4o-mini");

  await set(editor, "additionalPorts", [other]);
  await untilServing(other);
  assert.is((await untilServing(port)).state, "running");
  await set(editor, "additionalPorts", undefined);
  await untilFree(other);
});

test("asks for the key that the settings say", async (editor) => {
  const port = await findFreePort();
  await set(editor, "port", port);
  await untilServing(port);
  await set(editor, "apiKey", "sesame");
  await until("A wrong key is accepted", () => statusWith(port, "wrong"), (status) => status === 401);
  assert.is(await statusWith(port, "sesame"), 200);
  await set(editor, "apiKey", undefined);
  await until("A key is asked for", () => statusWith(port, ""), (status) => status === 200);
});

test("waits in a second window for the port that the first serves them on, and takes it over", async (editor) => {
  const port = await findFreePort();
  await set(editor, "port", port);
  await untilServing(port);
  const other = await editor.createFolder("other");
  const second = await editor.openWindow(other.path);
  const run: Editor["run"] = (task, argument) => second.run(task, argument);
  await command({ run }, "start");
  await second.workbench.statusBecomes(statusItem, "waiting");
  await command(editor, "stop");
  await second.workbench.statusBecomes(statusItem, String(port));
  await second.close();
  await untilFree(port);
  await command(editor, "start");
  await untilServing(port);
});

test("gives way to a file, and leaves it alone", async (editor) => {
  const [port, fromFile] = [await findFreePort(), await findFreePort()];
  await set(editor, "port", port);
  await untilServing(port);
  await editor.folder.write(fileName, configOf(fromFile));
  const { generation } = await untilServing(fromFile);
  await untilFree(port);
  await set(editor, "port", await findFreePort());
  await set(editor, "apiKey", "sesame");
  assert.is((await untilServing(fromFile)).generation, generation);
  assert.is(await statusWith(fromFile, ""), 200);

  await command(editor, "stop");
  await untilFree(fromFile);
  await editor.folder.remove(fileName);
  await set(editor, "apiKey", undefined);
});

test("takes over the same port for a file that is written while the settings serve it", async (editor) => {
  const port = await findFreePort();
  await set(editor, "port", port);
  await command(editor, "start");
  const { generation } = await untilServing(port);
  await editor.folder.write(fileName, configOf(port));
  await untilServing(port, generation);
  assert.is((await stream(port)).answeredBy, "copilot/gpt-4o");
});

test("reads no port and no key from a folder's own settings", async (editor) => {
  const port = await findFreePort();
  const folder = await editor.createFolder("cloned", {
    ".vscode/settings.json": JSON.stringify({ "llmProxy.autoStart": true, "llmProxy.host": "0.0.0.0", "llmProxy.port": port, "llmProxy.apiKey": "theirs" }),
  });
  const own = await findFreePort();
  await set(editor, "port", own);
  const window = await editor.openWindow(folder.path);
  await untilServing(own);
  assert.is(await statusWith(own, ""), 200);
  assert.not(await isListening(port));
  await window.close();
});

test.run();
