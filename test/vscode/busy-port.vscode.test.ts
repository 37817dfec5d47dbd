import { once } from "node:events";
import { createServer } from "node:net";
import * as assert from "uvu/assert";
import { configOf, fileName, findFreePort, problemsOf, statusItem, stream, untilServing, vsix } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { text } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";
import type { EditorWindow } from "./support/window.ts";

const test = editorSuite("vscode/busy-port", { extensions: [vsix], window: "shared" });

/** Two windows on one folder: the first serves its file, the second waits. */
const openTwo = async ({ createFolder, openWindow }: Editor, name: string) => {
  const port = await findFreePort();
  const folder = await createFolder(name, { [fileName]: configOf(port) });
  const first = await openWindow(folder.path);
  await first.workbench.statusBecomes(statusItem, String(port));
  const second = await openWindow(folder.path);
  await second.workbench.statusBecomes(statusItem, "waiting");
  return { port, folder, first, second };
};

/** That this window's models are the ones that answer. */
const isServedBy = async ({ models }: EditorWindow, port: number): Promise<void> => {
  await models.respond([text("from this window")]);
  assert.is((await stream(port)).text, "from this window");
};

test("waits for a port that another window of the same folder has, and takes it over when that closes", async (editor) => {
  const { port, folder, first, second } = await openTwo(editor, "closed");
  assert.match((await second.workbench.statusTooltip(statusItem)).text, /for port \d+, until another window lets go of it/);
  assert.equal(await problemsOf({ run: (task, argument) => second.run(task, argument), folder }), []);
  await isServedBy(first, port);
  await first.close();
  await second.workbench.statusBecomes(statusItem, String(port));
  await isServedBy(second, port);
});

test("takes a port over from a window whose extension host was killed", async (editor) => {
  const { port, first, second } = await openTwo(editor, "killed");
  process.kill(first.pid, "SIGKILL");
  await first.vanish();
  await second.workbench.statusBecomes(statusItem, String(port));
  await isServedBy(second, port);
});

test("has its port again after the window was reloaded", async (editor) => {
  const port = await findFreePort();
  await editor.folder.write(fileName, configOf(port));
  await untilServing(port);
  await editor.window.reload();
  await editor.workbench.statusBecomes(statusItem, String(port));
  assert.equal(await problemsOf(editor), []);
  await isServedBy(editor.window, port);
});

/** Somebody who has a port, until he lets go of it. */
const occupy = async (port: number): Promise<() => Promise<unknown>> => {
  const stranger = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(stranger, "listening");
  return async () => {
    if (!stranger.listening) return;
    stranger.close();
    await once(stranger, "close");
  };
};

const untilProblem = (editor: Editor, expected: RegExp): Promise<unknown> =>
  until("The problem is not shown", () => problemsOf(editor), (problems) => problems.length === 1 && expected.test(problems[0]?.[1] ?? ""));

test("names a stranger who has the port at its line, and is served there once he lets go", async (editor) => {
  const port = await findFreePort();
  const release = await occupy(port);
  try {
    await editor.run(({ vscode }) => vscode.commands.executeCommand("llmProxy.stop"));
    await editor.folder.write(fileName, configOf(port));
    await editor.run(async ({ vscode }) => void (await vscode.commands.executeCommand("llmProxy.start")));
    await editor.workbench.statusBecomes(statusItem, "error");
    await untilProblem(editor, new RegExp(`${port} cannot be listened on: .*process ${process.pid}.* Port \\d+ is free`));
    assert.is((await problemsOf(editor))[0]?.[0], 2);
    await release();
    await editor.workbench.statusBecomes(statusItem, String(port));
    assert.equal(await problemsOf(editor), []);
    await isServedBy(editor.window, port);
  } finally {
    await release();
  }
});

test("goes on with what ran before where a save asks for a stranger's port, and follows the save once he lets go", async (editor) => {
  const [port, next] = [await findFreePort(), await findFreePort()];
  await editor.folder.write(fileName, configOf(port));
  await untilServing(port);
  const release = await occupy(next);
  try {
    await editor.folder.write(fileName, configOf(next));
    await untilProblem(editor, new RegExp(`${next} cannot be listened on: .*process ${process.pid}`));
    await isServedBy(editor.window, port);
    await release();
    await untilServing(next);
    await until("The problem is still shown", () => problemsOf(editor), (problems) => problems.length === 0);
    await editor.workbench.statusBecomes(statusItem, String(next));
  } finally {
    await release();
  }
});

test("serves a folder that was refused a port of another, once the other asks for another one", async (editor) => {
  const [shared, other] = [await findFreePort(), await findFreePort()];
  const content = JSON.stringify({ folders: [{ path: "one" }, { path: "two" }] });
  const place = await editor.createFolder("claims", { "all.code-workspace": content, [`one/${fileName}`]: configOf(shared), [`two/${fileName}`]: configOf(shared, "copilot/gpt-4o-mini") });
  const window = await editor.openWindow(`${place.path}/all.code-workspace`);
  await window.workbench.statusBecomes(statusItem, "error");
  await untilServing(shared);
  await place.replace(`one/${fileName}`, configOf(other));
  await window.workbench.statusBecomes(statusItem, /\d+, \d+/);
  // A connection that is kept from before belongs to the folder that had the port, and is told to come again.
  await untilServing(shared);
  assert.equal([(await stream(other)).answeredBy, (await stream(shared)).answeredBy], ["copilot/gpt-4o", "copilot/gpt-4o-mini"]);
});

test.run();
