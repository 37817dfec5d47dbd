import { rename, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { configOf, fileName, findFreePort, logChannel, problemsOf, stream, untilFree, untilServing, vsix } from "./served.ts";
import { runCommand } from "./support/command.ts";
import type { Editor } from "./support/editor.ts";
import { pause, text } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const test = editorSuite("vscode/reload", { extensions: [vsix], window: "shared" });

/** Serves the folder's file on a port of its own; gives the port and the generation. */
const serve = async ({ folder }: Editor): Promise<{ readonly port: number; readonly generation: string }> => {
  const port = await findFreePort();
  await folder.write(fileName, configOf(port));
  return { port, generation: (await untilServing(port)).generation };
};

/** Waits until another generation than the one serves; says what answers then. */
const answeredBy = async (port: number, than: string): Promise<string | null> => {
  await untilServing(port, than);
  return (await stream(port)).answeredBy;
};

const git = ({ folder }: Editor, ...args: readonly string[]): Promise<string> =>
  runCommand("git", ["-C", folder.path, "-c", "user.name=Test", "-c", "user.email=test@example.com", ...args]);

/** Every way in which a file becomes another one; each ends with `gpt-4` as gpt-4o-mini. */
const ways: Readonly<Record<string, (editor: Editor, port: number) => Promise<unknown>>> = {
  "a save in the editor": ({ run, folder }, port) => run(async ({ vscode }, [path, content]) => {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), content);
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  }, [join(folder.path, fileName), configOf(port, "copilot/gpt-4o-mini")] as const),
  "a write on disk": ({ folder }, port) => folder.write(fileName, configOf(port, "copilot/gpt-4o-mini")),
  "a new file that is renamed over it": ({ folder }, port) => folder.replace(fileName, configOf(port, "copilot/gpt-4o-mini")),
  "a file that goes away and comes back": async ({ folder }, port) => {
    await rename(join(folder.path, fileName), join(folder.path, "away"));
    await folder.write("away", configOf(port, "copilot/gpt-4o-mini"));
    await rename(join(folder.path, "away"), join(folder.path, fileName));
  },
  "a link in its place": async ({ folder }, port) => {
    await folder.write("shared.yaml", configOf(port, "copilot/gpt-4o-mini"));
    await unlink(join(folder.path, fileName));
    await symlink("shared.yaml", join(folder.path, fileName));
  },
};

for (const [way, change] of Object.entries(ways)) {
  test(`takes over ${way}`, async (editor) => {
    await editor.folder.remove(fileName);
    const { port, generation } = await serve(editor);
    await change(editor, port);
    assert.is(await answeredBy(port, generation), "copilot/gpt-4o-mini");
  });
}

test("follows a link: its target rewritten and renamed over, and the link pointed elsewhere", async (editor) => {
  const { folder } = editor;
  await folder.remove(fileName);
  const port = await findFreePort();
  const [plain, mini] = [configOf(port), configOf(port, "copilot/gpt-4o-mini")];
  await folder.write("shared/one.yaml", plain);
  await folder.write("shared/two.yaml", plain);
  await symlink("shared/one.yaml", join(folder.path, fileName));
  const { generation } = await untilServing(port);
  await folder.write("shared/one.yaml", mini);
  const { generation: other } = await untilServing(port, generation);
  await folder.replace("shared/one.yaml", plain);
  assert.is(await answeredBy(port, other), "copilot/gpt-4o");
  await folder.write("shared/two.yaml", mini);
  await symlink("shared/two.yaml", join(folder.path, "link"));
  await rename(join(folder.path, "link"), join(folder.path, fileName));
  assert.is(await answeredBy(port, generation), "copilot/gpt-4o-mini");
  await folder.remove(fileName);
});

test("takes over what git checks out, stashes and brings back", async (editor) => {
  await editor.folder.remove(fileName);
  const { port, generation } = await serve(editor);
  await git(editor, "init", "--quiet", "--initial-branch=main");
  await git(editor, "add", fileName);
  await git(editor, "commit", "--quiet", "--message=one");
  await git(editor, "checkout", "--quiet", "-b", "mini");
  await editor.folder.write(fileName, configOf(port, "copilot/gpt-4o-mini"));
  await git(editor, "commit", "--quiet", "--all", "--message=two");
  const { generation: mini } = await untilServing(port, generation);
  await git(editor, "checkout", "--quiet", "main");
  assert.is(await answeredBy(port, mini), "copilot/gpt-4o");
  await git(editor, "checkout", "--quiet", "mini");
  assert.is(await answeredBy(port, generation), "copilot/gpt-4o-mini");
  await editor.folder.write(fileName, configOf(port));
  assert.is(await answeredBy(port, mini), "copilot/gpt-4o");
  await git(editor, "stash", "--quiet");
  assert.is(await answeredBy(port, generation), "copilot/gpt-4o-mini");
  await git(editor, "stash", "pop", "--quiet");
  assert.is(await answeredBy(port, mini), "copilot/gpt-4o");
  await editor.folder.remove(".git");
});

test("moves to another port while a stream runs to its end on the old one", async (editor) => {
  await editor.models.respond([text("one "), pause(), text("two")]);
  const { port } = await serve(editor);
  const running = stream(port);
  await editor.models.until("paused");
  const next = await findFreePort();
  await editor.folder.replace(fileName, configOf(next));
  await untilServing(next);
  await untilFree(port);
  await editor.models.resume();
  assert.equal([(await running).text, (await running).finishReason], ["one two", "stop"]);
});

/** How often the file came into force or was refused since the window was opened. */
const reloadsSoFar = async (port: number): Promise<number> => {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...metrics.matchAll(/^llm_proxy_config_reloads_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
};

test("comes to rest on the last of 1,000 saves within ten seconds, after 51 reloads at the most", async (editor) => {
  const { folder } = editor;
  const { port } = await serve(editor);
  const before = await reloadsSoFar(port);
  const last = `${configOf(port)}  the-last: copilot/gpt-4o-mini\n`;
  for (let save = 1; save <= 1000; save += 1) {
    const content = save === 1000 ? last : `${configOf(port)}  save-${save}: copilot/gpt-4o\n`;
    if (save % 3 === 0) await folder.write(fileName, content.slice(0, 30));
    else await (save % 2 === 0 ? folder.write(fileName, content) : folder.replace(fileName, content));
    // A thousand in ten seconds, without a rest in between.
    await sleep(5);
  }
  await until("The last save is not served", async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/models`);
    return (await response.json() as { readonly data: readonly { readonly id: string }[] }).data.map(({ id }) => id);
  }, (models) => models.includes("the-last"));
  const reloads = await reloadsSoFar(port) - before;
  assert.ok(reloads >= 2 && reloads <= 51, `${reloads} reloads`);
  assert.equal(await problemsOf(editor), []);
});

test("serves on through a file that breaks, makes way for a folder, is empty, and is mended", async (editor) => {
  const { folder } = editor;
  const { port, generation } = await serve(editor);
  const isServed = async (): Promise<void> => assert.is((await stream(port)).generation, generation);
  const shows = (expected: RegExp): Promise<unknown> =>
    until("The problem is not shown", () => problemsOf(editor), ([problem]) => expected.test(problem?.[1] ?? ""));
  await folder.write(fileName, configOf(port).replace("models:", "modles:"));
  await shows(/models/);
  await isServed();
  await folder.remove(fileName);
  await folder.write(`${fileName}/inside`, "");
  await shows(/folder/i);
  await isServed();
  await folder.remove(fileName);
  await folder.write(fileName, "");
  await editor.window.logSays(logChannel, /the file is empty/);
  await isServed();
  await folder.write(fileName, configOf(port, "copilot/gpt-4o-mini"));
  assert.is(await answeredBy(port, generation), "copilot/gpt-4o-mini");
  assert.equal(await problemsOf(editor), []);
});

test("offers its name to a file that is called .llmproxy.yml, and serves it then", async (editor) => {
  const { folder, run, workbench } = editor;
  await run(async ({ vscode }) => void (await vscode.commands.executeCommand("llmProxy.stop")));
  await folder.remove(fileName);
  const port = await findFreePort();
  await folder.write(".llmproxy.yml", configOf(port));
  await run(({ vscode }) => void vscode.commands.executeCommand("llmProxy.start"));
  const message = workbench.notification("does not read .llmproxy.yml");
  await message.waitFor();
  await message.locator(".monaco-button", { hasText: "Rename It" }).dispatchEvent("click");
  assert.is((await untilServing(port)).state, "running");
});

test.run();
