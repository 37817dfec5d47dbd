// Proves how the harness opens, reloads and ends windows and hosts: what is closed is gone, and what crashes leaves nothing behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommand } from "./support/command.ts";
import { openEditor } from "./support/editor.ts";
import { createFolder } from "./support/folder.ts";
import { startHost } from "./support/host.ts";
import { isAlive } from "./support/processes.ts";
import { openSession } from "./support/session.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const windows = editorSuite("vscode/windows", { extensions: [], window: "shared" });

windows("opens a second window on the same folder, and closes it alone", async ({ folder, window, openWindow }) => {
  const second = await openWindow(folder.path);
  assert.is.not(second.pid, window.pid);
  await second.close();
  assert.not.ok(isAlive(second.pid));
  assert.ok(isAlive(window.pid));
});

windows("opens a workspace of two folders", async ({ createFolder: create, openWindow }) => {
  const content = JSON.stringify({ folders: [{ path: "one" }, { path: "two", name: "Second" }] });
  const place = await create("multi", { "all.code-workspace": content, "one/a": "", "two/b": "" });
  const window = await openWindow(join(place.path, "all.code-workspace"));
  const names = await window.run(({ vscode }) => vscode.workspace.workspaceFolders?.map(({ name }) => name));
  assert.equal(names, ["one", "Second"]);
});

windows("reloads into a new extension host with the same state", async ({ window, run }) => {
  const { pid } = window;
  await run(({ context }) => context.globalState.update("seen", true));
  await window.reload();
  assert.not.ok(isAlive(pid));
  assert.is.not(window.pid, pid);
  assert.is(await run(({ context }) => context.globalState.get("seen")), true);
});

windows("gives a window a profile of its own when asked", async ({ run, folder, openWindow }) => {
  await run(({ context }) => context.globalState.update("seen", true));
  const other = await openWindow(folder.path, "own");
  assert.is(await other.run(({ context }) => context.globalState.get("seen") ?? "unseen"), "unseen");
});

windows("sees the extension host of a vanished window end", { versions: ["1.139"] }, async ({ folder, openWindow }) => {
  const window = await openWindow(folder.path);
  await window.vanish();
  assert.not.ok(isAlive(window.pid));
});

windows.run();

const restricted = editorSuite("vscode/restricted", { extensions: [], trust: false });

restricted("is in Restricted Mode until it is trusted", { files: { "docs/a.md": "# A" } }, async (editor) => {
  const { folder, run, workbench } = editor;
  const found = await run(async ({ vscode }) => (await vscode.workspace.findFiles("**/*.md")).map(({ path }) => path));
  assert.equal(found, [join(folder.path, "docs/a.md")]);
  assert.is(await run(({ vscode }) => vscode.workspace.isTrusted), false);
  const granted = run(
    ({ vscode }) => new Promise<boolean>((resolve) => vscode.workspace.onDidGrantWorkspaceTrust(() => resolve(true))),
  );
  await workbench.trustWorkspace();
  assert.is(await granted, true);
});

restricted.run();

const open = editorSuite("vscode/open-proposals", { extensions: [], proposals: "open", versions: ["1.139"] });

open("lets proposed API pass, and asks for consent to a model", async ({ run, models, workbench }) => {
  const model = { id: "m", name: "m", family: "m", version: "1", maxInputTokens: 9, maxOutputTokens: 9 };
  await models.set("copilot", [{ ...model, capabilities: {}, requiresAuthorization: true }]);
  const answer = run(async ({ vscode }) => {
    const [found] = await vscode.lm.selectChatModels({ vendor: "copilot" });
    const system = new vscode.LanguageModelChatMessage(3 as 1, "You are terse.");
    const response = await found?.sendRequest([system], { justification: "For a test." });
    let said = "";
    for await (const part of response?.text ?? []) said += part;
    return said;
  });
  await workbench.dialog().waitFor();
  assert.match(await workbench.dialog().innerText(), /wants to access the language models provided by[^]*For a test\./);
  await workbench.pressInDialog("Allow");
  assert.is(await answer, "ok");
  assert.is((await models.calls())[0]?.messages[0]?.role, "system");
});

open.run();

const processes = suite("vscode/processes");

processes("leaves no process and no file after stop", async () => {
  const host = await startHost("1.139");
  assert.ok(host.processes().length > 2);
  await host.stop();
  assert.equal(host.processes(), []);
  assert.not.ok(existsSync(host.folder));
});

processes("leaves no process when the test is killed", async () => {
  const script = fileURLToPath(new URL("fixtures/opens-a-window.ts", import.meta.url));
  const test = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: test.stdout }), "line")) as [string];
  const { folder, pids } = JSON.parse(line) as { folder: string; pids: readonly number[] };
  assert.ok(pids.length > 8);
  test.kill("SIGKILL");
  await until("Processes were left", () => pids.filter(isAlive), (left) => left.length === 0);
  await rm(folder, { recursive: true });
});

processes("installs a packaged extension", async () => {
  const folder = await createFolder(await mkdtemp(join(tmpdir(), "llm-proxy-vsix-")), {
    "package.json": JSON.stringify({
      name: "tiny",
      publisher: "acme",
      version: "1.2.3",
      engines: { vscode: "^1.104.0" },
      main: "./main.js",
      activationEvents: ["onStartupFinished"],
      files: ["main.js"],
    }),
    "main.js": "exports.activate = () => ({ answer: 42 });",
  });
  const vsce = fileURLToPath(new URL("../../node_modules/@vscode/vsce/vsce", import.meta.url));
  const options = ["--skip-license", "--allow-missing-repository", "--no-dependencies", "--out", "tiny.vsix"];
  await runCommand(process.execPath, [vsce, "package", ...options], { cwd: folder.path });
  const session = await openSession("1.139", { extensions: [join(folder.path, "tiny.vsix")] });
  try {
    const { editor } = await openEditor(session, {});
    const found = await editor.run(async ({ vscode }) => {
      const extension = vscode.extensions.getExtension<{ answer: number }>("acme.tiny");
      return [extension?.extensionPath, (await extension?.activate())?.answer];
    });
    assert.equal(found, [join(session.host.folder, "extensions/acme.tiny-1.2.3"), 42]);
  } finally {
    await session.close();
    await rm(folder.path, { recursive: true });
  }
});

processes.run();
