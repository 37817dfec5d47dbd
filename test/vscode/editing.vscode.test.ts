import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import * as assert from "uvu/assert";
import { openFile } from "./file-editor.ts";
import { answerConsent, configOf, fileName, findFreePort, isListening, untilServing, vsix } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { takeScreenshot } from "./support/failure.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const test = editorSuite("vscode/editing", { extensions: [vsix], window: "shared", settings: { "files.autoSave": "off" } });

/** What the editor knows to be wrong with a file of the folder. */
const messages = ({ run, folder }: Pick<Editor, "run" | "folder">, name = fileName): Promise<readonly string[]> =>
  run(({ vscode }, path) => vscode.languages.getDiagnostics(vscode.Uri.file(path)).map(({ message }) => message), `${folder.path}/${name}`);

const untilRight = (editor: Pick<Editor, "run" | "folder">): Promise<readonly string[]> =>
  until("The file is still wrong", () => messages(editor), (found) => found.length === 0);

const untilWrong = (editor: Pick<Editor, "run" | "folder">, expected: RegExp): Promise<readonly string[]> =>
  until(`Nothing says ${String(expected)}`, () => messages(editor), (found) => found.some((message) => expected.test(message)));

test("a slip is underlined while it is typed, stands in Problems, and is mended by its fix", async (editor) => {
  const { folder, run, window: { page }, workbench, screenshot } = editor;
  const port = await findFreePort();
  const file = await openFile(editor, `${configOf(port)}|`);
  await untilServing(port);
  await file.type("defualts: {}");
  await page.locator(".squiggly-error").first().waitFor();
  assert.not.match(await folder.read(fileName), "defualts");
  await screenshot("editing-squiggle");
  await workbench.problemsBecome(/Unknown property "defualts"\. Did you mean defaults\?/);
  await run(async ({ vscode }) => {
    await vscode.commands.executeCommand("workbench.action.closePanel");
    await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
  });
  await file.goTo("defu");
  await file.fix("Change to defaults");
  await file.becomes("\ndefaults: {}");
  await untilRight(editor);
});

test("what is typed half is no reason to be silent: the fix adds what is missing and quotes what needs it", async (editor) => {
  const file = await openFile(editor, "keys: { ci: { key: ${env:CI_KEY|} } }\n");
  await untilWrong(editor, /has no quotes/);
  await file.fix("Put it in quotes");
  await file.becomes("key: \"${env:CI_KEY}\"");
  await untilWrong(editor, /"version" is missing/);
  await file.goTo("keys");
  await file.fix("Add version: 1");
  await file.becomes(/^version: 1\nkeys/);
});

test("names of the language come while they are typed, with what they need behind them", async (editor) => {
  const { screenshot } = editor;
  const file = await openFile(editor, "version: 1\n|");
  await file.type("mod");
  await file.suggestion("models");
  await file.press("Enter");
  await file.becomes("version: 1\nmodels:\n  ");
  // What follows is offered at once: aliases for the models of this window.
  await file.suggestion("gpt-4o-mini");
  await screenshot("editing-aliases");
  await file.type("gpt-4o-m");
  await file.suggestion("gpt-4o-mini");
  await file.press("Enter");
  await file.becomes("models:\n  gpt-4o-mini: copilot/gpt-4o-mini");
  await untilRight(editor);
});

test("a value's word is completed with the families that this window's models have", async (editor) => {
  const { screenshot } = editor;
  const file = await openFile(editor, "version: 1\nmodels:\n  own: { vendor: fixture, fam| }\n");
  await file.type("i");
  await file.suggestion("family");
  await file.press("Enter");
  await file.suggestion("fixture");
  await screenshot("editing-families");
  await file.press("Enter");
  await file.becomes("own: { vendor: fixture, family: fixture }");
  await untilRight(editor);
});

test("says what a word means, and which model this window has by that name", async (editor) => {
  const { run, window: { page }, screenshot } = editor;
  await openFile(editor, "version: 1\nmodels:\n  fast: copilot/gpt-4o|-mini\n");
  const hover = page.locator(".monaco-hover:visible", { hasText: "Here: gpt-4o-mini, 64k tokens" }).first();
  await until("No hover is shown", async () => {
    await run(async ({ vscode }) => void (await vscode.commands.executeCommand("editor.action.showHover")));
    return hover.waitFor({ timeout: 2000 }).then(() => true, () => false);
  }, (isShown) => isShown);
  assert.match(await hover.innerText(), /models\.fast/);
  await screenshot("editing-hover");
});

const named = "version: 1\nmodels:\n  fast: copilot/gpt-4o\n  slow: copilot/gpt-4o-mini\nroutes:\n  - models: [fa|st, slow]\n";

test("goes to where a name is declared, finds its uses, and changes all of them", async (editor) => {
  const { run, window: { page }, workbench, screenshot } = editor;
  const file = await openFile(editor, named);
  await file.pressUntil("F12", () => run(({ vscode }) => vscode.window.activeTextEditor?.selection.active.line === 2));
  const uses = await run(async ({ vscode }) => {
    const shown = vscode.window.activeTextEditor;
    const found = await vscode.commands.executeCommand<readonly { range: { start: { line: number } } }[]>("vscode.executeReferenceProvider", shown?.document.uri, shown?.selection.active);
    return found.map(({ range }) => range.start.line);
  });
  assert.equal(new Set(uses), new Set([2, 5]));

  const input = page.locator(".rename-box input").first();
  await file.pressUntil("F2", () => input.isVisible());
  assert.is(await input.inputValue(), "fast");
  await input.fill("4.10");
  await screenshot("editing-rename");
  await input.press("Enter");
  await file.becomes("  \"4.10\": copilot/gpt-4o\n");
  await file.becomes("models: [\"4.10\", slow]");
  await workbench.page.keyboard.press("Escape");
});

test("shows what the file declares as its outline", async (editor) => {
  const { run, window: { page }, screenshot } = editor;
  await openFile(editor, named);
  const outline = await run(async ({ vscode }) => {
    const found = await vscode.commands.executeCommand<readonly { name: string; children: readonly { name: string; detail: string }[] }[]>("vscode.executeDocumentSymbolProvider", vscode.window.activeTextEditor?.document.uri);
    return found.map(({ name, children }) => [name, ...children.map((child) => `${child.name} ${child.detail}`)]);
  });
  assert.equal(outline, [["version"], ["models", "fast copilot/gpt-4o", "slow copilot/gpt-4o-mini"], ["routes", "/v1 "]]);
  await run(async ({ vscode }) => void (await vscode.commands.executeCommand("outline.focus")));
  await page.locator(".outline-tree .monaco-list-row", { hasText: "models" }).first().waitFor();
  await screenshot("editing-outline");
});

test("a key that stands in the file becomes a secret of the editor, and goes on opening the door", async (editor) => {
  const { folder, workbench, screenshot } = editor;
  const port = await findFreePort();
  const key = "sk-literal-0123456789";
  const file = await openFile(editor, `${configOf(port)}keys: { ci: { key: ${key}| } }\n`);
  await untilWrong(editor, /A secret is never written into the file/);
  await file.fix("Move it into a secret of this editor");
  await file.becomes("keys: { ci: { key: \"${secret:ci}\" } }");
  await workbench.notification("The key is now the secret ci of this editor").waitFor();
  await screenshot("editing-secret");
  await answerConsent(editor, "ci", "Allow");
  await until("The key is still on the disk", () => folder.read(fileName), (text) => !text.includes(key) && text.includes("${secret:ci}"));
  await untilServing(port);
  const statusWith = (given: string): Promise<number> => fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${given}` } }).then(({ status }) => status);
  assert.equal([await statusWith(key), await statusWith("another")], [200, 401]);
});

test("a taken port is mended by the next free one", async (editor) => {
  const stranger = createServer().listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  try {
    const file = await openFile(editor, configOf(port).replace(String(port), `${port}|`));
    await untilWrong(editor, /has the port/);
    await file.fix("Change to port ");
    const [, free] = /ports: (\d+)/.exec(await file.becomes(new RegExp(`ports: (?!${port}\\b)\\d+`))) ?? [];
    await file.save();
    await untilServing(Number(free));
    await untilRight(editor);
  } finally {
    stranger.close();
  }
});

test("a file whose name is almost right says so, and is renamed", async (editor) => {
  const { folder, screenshot } = editor;
  await folder.remove(fileName);
  const file = await openFile(editor, "version: 1\nmod|els: { a: copilot/gpt-4o }\n", ".llmproxy.yml");
  await until("Nothing says that it is not read", () => messages(editor, ".llmproxy.yml"), ([message]) => message?.includes("not read") === true);
  await screenshot("editing-name");
  await file.fix("Rename to .llmproxy.yaml");
  await until("The file is not renamed", () => folder.read(fileName).catch(() => ""), (text) => text.startsWith("version: 1"));
});

test("writes a first file from the models of the window, on a port that is free, which serves", async (editor) => {
  const { openWindow, createFolder, host } = editor;
  const folder = await createFolder("first");
  const opened = await openWindow(folder.path);
  const taken = await isListening(8080) ? undefined : createServer().listen(8080, "127.0.0.1");
  try {
    await opened.workbench.runFromPalette("LLM Proxy: Write a First .llmproxy.yaml");
    const text = await until("No file is written", () => folder.read(fileName).catch(() => ""), (written) => written !== "");
    assert.match(text, "  gpt-4o: copilot/gpt-4o # gpt-4o, 64k tokens\n");
    assert.match(text, "  large: fixture/large # large, 128k tokens\n");
    const port = Number(/^listeners: \{ local: \{ ports: (\d+) \} \}$/m.exec(text)?.[1]);
    await untilServing(port);
    await opened.page.locator(".monaco-editor .view-line", { hasText: "What a client writes" }).first().waitFor();
    await takeScreenshot(opened.page, `${host.version}/editing-first-file`);
    // What is there stays.
    await opened.workbench.runFromPalette("LLM Proxy: Write a First .llmproxy.yaml");
    await opened.workbench.notification(".llmproxy.yaml is there already").waitFor();
    assert.is(await folder.read(fileName), text);
  } finally {
    taken?.close();
    await opened.close();
  }
});

test("adds an alias for a model that is picked, in the file's own style", async (editor) => {
  const { folder, workbench, screenshot } = editor;
  const port = await findFreePort();
  const file = await openFile(editor, `# mine\n${configOf(port)}  # the end|\n`);
  const { generation } = await untilServing(port);
  await workbench.runFromPalette("LLM Proxy: Add an Alias");
  await workbench.quickInput().locator(".monaco-list-row", { hasText: "copilot/gpt-4o-mini" }).first().waitFor();
  await screenshot("editing-pick-model");
  await workbench.pick("copilot/gpt-4o-mini");
  await workbench.quickInput().locator("input").first().waitFor();
  await until("The name is not suggested", () => workbench.quickInput().locator("input").first().inputValue(), (value) => value === "gpt-4o-mini");
  await workbench.answerInput("mini");
  await file.becomes("  gpt-4: copilot/gpt-4o\n  mini: copilot/gpt-4o-mini\n  # the end\n");
  await untilServing(port, generation);
  assert.match(await folder.read(fileName), "mini: copilot/gpt-4o-mini");
});

test("brings what keeps the YAML extension from saying everything twice", async ({ run }) => {
  const isThere = await run(({ vscode, require }) => {
    const extension = vscode.extensions.getExtension<unknown>("llm-proxy.vscode-llm-proxy");
    if (extension === undefined) throw new Error("The extension is not there.");
    const { contributes } = extension.packageJSON as { contributes: { yamlValidation: readonly { url: string }[] } };
    const { existsSync } = require("node:fs") as { existsSync(path: string): boolean };
    return contributes.yamlValidation.map(({ url }) => existsSync(`${extension.extensionPath}/${url}`));
  });
  assert.equal(isThere, [true]);
});

test.run();
