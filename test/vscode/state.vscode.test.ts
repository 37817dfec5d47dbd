import { execFile } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { findPython } from "../support/tools.ts";
import { answerConsent, configOf, fileName, findFreePort, isListening, logChannel, statusItem, stream, untilFree, untilServing, vsix } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { sha256 } from "../../src/config/references.ts";
import { text } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const test = editorSuite("vscode/state", { extensions: [vsix], window: "shared" });

test("shows in the status bar and its tooltip what runs, and how it does", async (editor) => {
  const { folder, workbench, models } = editor;
  await models.respond([text("Hello")]);
  const port = await findFreePort();
  await folder.write(fileName, configOf(port));
  const { generation } = await untilServing(port);
  await workbench.statusBecomes(statusItem, new RegExp(`LLM Proxy ${port}$`));
  await stream(port);
  const tooltip = await until("The tooltip does not tell of the request", async () => (await workbench.statusTooltip(statusItem)).text, (shown) => /Requests\s+[1-9]/.test(shown));
  for (const expected of [`http://127.0.0.1:${port}/v1`, "no key", `generation ${generation}`, "gpt-4", /Active\s+0/, /Connections\s+\d/, /Errors\s+0\.0 %/, /Latency\s+[\d.]+ m?s mean/]) assert.match(tooltip, expected);
  await editor.screenshot("state-tooltip");
});

test("acts from the tooltip's links", async ({ workbench, folder }) => {
  const port = await findFreePort();
  await folder.write(fileName, configOf(port));
  await untilServing(port);
  const press = async (label: RegExp): Promise<void> => {
    // An open tooltip of 1.104 stays as it was.
    await workbench.page.mouse.move(600, 300);
    await workbench.page.locator(".workbench-hover:visible, .monaco-hover:visible").first().waitFor({ state: "hidden" });
    await workbench.statusTooltip(statusItem);
    await workbench.page.locator(".workbench-hover:visible a, .monaco-hover:visible a", { hasText: label }).first().click();
  };
  await press(/^Stop$/);
  await untilFree(port);
  await workbench.statusBecomes(statusItem, "stopped");
  await press(/^Start$/);
  await untilServing(port);
});


const clipboard = (window: Pick<Editor, "run">): Promise<string> => window.run(({ vscode }) => vscode.env.clipboard.readText());

const clipboardBecomes = (window: Pick<Editor, "run">, expected: string): Promise<string> =>
  until(`The clipboard did not become something with ${expected}`, () => clipboard(window), (copied) => copied.includes(expected));

const serve = async ({ folder }: Pick<Editor, "folder">, more = ""): Promise<number> => {
  const port = await findFreePort();
  await folder.write(fileName, `${configOf(port)}${more}`);
  await untilServing(port);
  return port;
};

test("starts, stops and restarts from the palette, and offers no stop where nothing runs", async (editor) => {
  const { workbench } = editor;
  const port = await serve(editor);
  await workbench.runFromPalette("LLM Proxy: Stop");
  await untilFree(port);
  await workbench.statusBecomes(statusItem, "stopped");
  await workbench.page.keyboard.press("F1");
  await workbench.quickInput().locator("input").first().fill(">LLM Proxy: ");
  const offered = workbench.quickInput().locator(".monaco-list-row");
  await offered.filter({ hasText: "LLM Proxy: Start" }).first().waitFor();
  assert.is(await offered.filter({ hasText: /LLM Proxy: (Stop|Restart)/ }).count(), 0);
  await workbench.page.keyboard.press("Escape");
  await workbench.runFromPalette("LLM Proxy: Start");
  await untilServing(port);
  await workbench.runFromPalette("LLM Proxy: Restart");
  await editor.window.logSays(logChannel, new RegExp(`running .*:${port}(.*\n)+.*running .*:${port}`));
  await untilServing(port);
});

test("says that nothing runs where a command finds nothing to act on, with the way out", async (editor) => {
  const port = await serve(editor);
  await editor.workbench.runFromPalette("LLM Proxy: Stop");
  await untilFree(port);
  await editor.workbench.runFromPalette("LLM Proxy: Copy Base URL");
  await editor.workbench.pressInNotification("serves nothing in this window", "Start");
  await untilServing(port);
  await editor.workbench.runFromPalette("LLM Proxy: Start");
  await editor.workbench.notification(/serves folder already, on http/).waitFor();
});

test("copies the base URL, also the one that works from the machine that its user sits at", async (editor) => {
  const { workbench } = editor;
  const port = await serve(editor, "routes: [{ path: /v1 }]\n");
  await workbench.runFromPalette("LLM Proxy: Copy Base URL");
  await workbench.pick(`http://127.0.0.1:${port}/v1`);
  assert.is(await clipboardBecomes(editor, String(port)), `http://127.0.0.1:${port}/v1`);
  await workbench.notification(`http://127.0.0.1:${port}/v1 is on the clipboard`).waitFor();
  await workbench.runFromPalette("LLM Proxy: Copy Base URL");
  await workbench.pick("from your machine");
  const external = await clipboardBecomes(editor, "/proxy/");
  assert.is.not(new URL(external).port, String(port));
  assert.is((await fetch(`${external}/models`)).status, 200);
});

test("shows in the tooltip where it is reached from the machine that its user sits at", async (editor) => {
  const forward = (to: boolean | undefined): Promise<void> =>
    editor.run(({ vscode }, value) => vscode.workspace.getConfiguration("remote").update("autoForwardPorts", value ?? undefined, vscode.ConfigurationTarget.Global), to);
  await forward(true);
  const port = await serve(editor);
  await until("The tooltip does not show the address", async () => (await editor.workbench.statusTooltip(statusItem)).text, (shown) => new RegExp(`From your machine\\s+http://\\S+/proxy/${port}/v1`).test(shown));
  await forward(false);
});

// The older host comes without what terminals need.
test("gives new terminals the address and the key, once a setting says so, and takes them back", { versions: ["1.139"] }, async (editor) => {
  const set = (name: string, value: unknown): Promise<void> =>
    editor.run(({ vscode }, [key, to]) => vscode.workspace.getConfiguration("llmProxy").update(key, to ?? undefined, vscode.ConfigurationTarget.Global), [name, value] as const);
  /** What a new terminal knows of clients, as a program in it sees it. */
  const terminal = async (): Promise<string> => {
    const name = `environment-${(terminals += 1)}`;
    await editor.run(async ({ vscode }, file) => {
      const shell = vscode.window.createTerminal({ name: file });
      shell.show();
      shell.sendText(`env | grep ^OPENAI_ > ${file}.part; mv ${file}.part ${file}`);
      return shell.processId;
    }, name);
    return until("The terminal says nothing", () => editor.folder.read(name).catch(() => undefined), (seen) => seen !== undefined).then((seen) => seen ?? "");
  };
  let terminals = 0;
  const port = await findFreePort();
  await editor.folder.write(fileName, `${configOf(port)}keys: { shell: { key: "\${secret:shell}" } }\n`);
  await answerConsent(editor, "read the secret shell", "Allow");
  await untilServing(port);
  await editor.run(({ vscode }) => void vscode.commands.executeCommand("llmProxy.setSecret", "shell"));
  await editor.workbench.page.locator(".quick-input-widget:visible input[type=password]").waitFor();
  await editor.workbench.answerInput("sesame");
  await until("The key is not accepted", async () => (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: "Bearer sesame" } })).status, (seen) => seen === 200);
  assert.is(await terminal(), "");
  await set("terminalKey", "shell");
  await set("terminalEnvironment", true);
  await until("The terminal does not get the address", terminal, (seen) => seen.includes(`OPENAI_BASE_URL=http://127.0.0.1:${port}/v1`) && seen.includes("OPENAI_API_KEY=sesame"));
  await editor.screenshot("state-terminal");
  await editor.run(({ vscode }) => vscode.commands.executeCommand("llmProxy.stop"));
  await until("The terminal still gets the address", terminal, (seen) => seen === "");
  await set("terminalEnvironment", undefined);
  await set("terminalKey", undefined);
  await editor.run(({ vscode }) => vscode.window.terminals.forEach((shell) => shell.dispose()));
  await editor.folder.write(fileName, configOf(port));
  await editor.run(({ vscode }) => vscode.commands.executeCommand("llmProxy.start"));
});

test("shows its log, which is a file too", async (editor) => {
  const port = await serve(editor);
  await editor.workbench.runFromPalette("LLM Proxy: Open Log");
  await until("The log does not show the port", () => editor.workbench.visibleOutput(), (shown) => shown.includes(String(port)));
  assert.match(await editor.window.log(logChannel), String(port));
});

const run = promisify(execFile);

/** Runs what stands on the clipboard as a person would who has pasted it; gives what it prints. */
const runners: Readonly<Record<string, (code: string, env: NodeJS.ProcessEnv) => Promise<string>>> = {
  curl: async (code, env) => (await run("sh", ["-c", code], { env })).stdout,
  async Python(code, env) {
    const python = findPython();
    if (python === undefined) throw new Error("There is no Python with the package openai.");
    return (await run(python, ["-c", code], { env })).stdout;
  },
  async Node(code, env) {
    // Below the repository, where the package is found.
    const file = join(import.meta.dirname, `../../.cache/snippet-${process.pid}.mjs`);
    await writeFile(file, code);
    return run(process.execPath, [file], { env }).then(({ stdout }) => stdout).finally(() => void rm(file));
  },
};

const copySnippet = async (editor: Editor, language: string, model?: string): Promise<string> => {
  await editor.run(({ vscode }) => vscode.env.clipboard.writeText(""));
  await editor.workbench.runFromPalette("LLM Proxy: Copy Snippet");
  await editor.workbench.pick(language);
  if (model !== undefined) await editor.workbench.pick(model);
  return clipboardBecomes(editor, "/v1");
};

for (const language of ["curl", "Python", "Node"]) {
  test(`copies a ${language} snippet that runs, without a key and with one`, async (editor) => {
    await editor.models.respond([text("Answered.")]);
    await serve(editor, "  it's-another: copilot/gpt-4o-mini\n");
    const env = { PATH: process.env["PATH"] };
    const snippet = await copySnippet(editor, language, "it's-another");
    assert.match(snippet, "s-another");
    assert.match(await runners[language]?.(snippet, env) ?? "", "Answered.");

    await serve(editor, `keys: { ci: { hash: "sha256:${sha256("sesame")}" } }\n`);
    const withKey = await copySnippet(editor, language);
    assert.match(withKey, "LLM_PROXY_KEY");
    await editor.workbench.notification("It reads the key from the environment variable LLM_PROXY_KEY").waitFor();
    assert.match(await runners[language]?.(withKey, { ...env, LLM_PROXY_KEY: "sesame" }) ?? "", "Answered.");
  });
}

test("sets and forgets a secret", async (editor) => {
  const port = await findFreePort();
  await editor.folder.write(fileName, `${configOf(port)}keys: { state: { key: "\${secret:state}" } }\n`);
  await answerConsent(editor, "read the secret state", "Allow");
  await untilServing(port);
  const status = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: "Bearer sesame" } })).status;
  assert.is(await status(), 401);
  await editor.workbench.runFromPalette("LLM Proxy: Set Secret");
  await editor.workbench.answerInput("state");
  await editor.workbench.page.locator(".quick-input-widget:visible input[type=password]").waitFor();
  await editor.workbench.answerInput("sesame");
  await until("The key is not accepted", status, (seen) => seen === 200);
  await editor.workbench.runFromPalette("LLM Proxy: Forget Secret");
  await editor.workbench.pick("state");
  await until("The key is still accepted", status, (seen) => seen === 401);
  await editor.workbench.notification("The secret state is forgotten").waitFor();
  await editor.folder.write(fileName, configOf(await findFreePort()));
});

test("says of several folders which one it means, and asks", async (editor) => {
  const [port, other] = [await findFreePort(), await findFreePort()];
  const first = await editor.createFolder("state-first", { [fileName]: configOf(port) });
  const second = await editor.createFolder("state-second", { [fileName]: configOf(other) });
  const workspace = await editor.createFolder("state-both", {
    "both.code-workspace": JSON.stringify({ folders: [{ path: first.path }, { path: second.path }] }),
  });
  const window = await editor.openWindow(`${workspace.path}/both.code-workspace`);
  const { workbench } = window;
  await Promise.all([port, other].map((each) => untilServing(each)));
  await workbench.statusBecomes(statusItem, new RegExp(`${port}, ${other}`));
  const tooltip = (await workbench.statusTooltip(statusItem)).text;
  assert.match(tooltip, new RegExp(`state-first.*running[^]*:${port}/v1[^]*state-second.*running[^]*:${other}/v1`));

  await workbench.runFromPalette("LLM Proxy: Copy Base URL");
  await workbench.pick("state-second");
  await workbench.quickInput().locator(".monaco-list-row", { hasText: "from your machine" }).waitFor();
  await workbench.pick(`http://127.0.0.1:${other}/v1`);
  await clipboardBecomes(window, `http://127.0.0.1:${other}/v1`);
  await workbench.runFromPalette("LLM Proxy: Stop");
  await workbench.pick("state-first");
  await untilFree(port);
  assert.ok(await isListening(other));
  await workbench.runFromPalette("LLM Proxy: Start");
  await workbench.pick("All folders");
  await untilServing(port);
});

test("loads what serves only where something is to be served", async (editor) => {
  const folder = await editor.createFolder("state-later");
  const window = await editor.openWindow(folder.path);
  const isLoaded = (): Promise<boolean> => window.run(({ require }) => Object.keys(require.cache).some((path) => /[\\/]dist[\\/]server\.cjs$/.test(path)));
  assert.is(await window.run(({ vscode }) => vscode.extensions.getExtension("llm-proxy.vscode-llm-proxy")?.isActive), true);
  assert.is(await isLoaded(), false);
  const port = await findFreePort();
  await folder.write(fileName, configOf(port));
  await untilServing(port);
  assert.is(await isLoaded(), true);
});

/** Somebody else's server on a port of the loopback. */
const occupy = async (): Promise<Server> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

test("offers another port where a stranger has one, and changes the file to it", async (editor) => {
  const stranger = await occupy();
  const taken = portOf(stranger);
  await editor.folder.write(fileName, configOf(taken));
  const notice = editor.workbench.notification(`127.0.0.1:${taken} cannot be listened on`);
  await notice.waitFor();
  await editor.screenshot("state-port-taken");
  const button = notice.locator(".monaco-button", { hasText: /Change to port \d+/ });
  const port = Number(/\d+$/.exec(await button.innerText())?.[0]);
  await button.dispatchEvent("click");
  await untilServing(port);
  assert.match(await editor.folder.read(fileName), `ports: ${port}`);
  stranger.close();
});

test("shows the place of a mistake that nobody is looking at, once", async (editor) => {
  const { folder, workbench } = editor;
  const port = await serve(editor);
  await folder.write(fileName, configOf(port).replace("models", "modles"));
  const notice = workbench.notification("cannot take over the file of folder, line 3");
  await notice.waitFor();
  await folder.write(fileName, `${configOf(port).replace("models", "modles")}# still\n`);
  await editor.window.logSays(logChannel, /(configuration rejected[^]*){2}/);
  assert.is(await workbench.page.locator(".notification-toast", { hasText: "cannot take over" }).count(), 1);
  await notice.locator(".monaco-button", { hasText: "Show Problem" }).dispatchEvent("click");
  await until("The file is not shown", () => editor.run(({ vscode }) => [vscode.window.activeTextEditor?.document.fileName, vscode.window.activeTextEditor?.selection.active.line] as const), ([shown, line]) => shown?.endsWith(fileName) === true && line === 2);
  await folder.write(fileName, configOf(port));
  await editor.run(({ vscode }) => vscode.commands.executeCommand("workbench.action.closeAllEditors"));
});

test("asks for a secret that a file names and that is not set", async (editor) => {
  const { folder, workbench } = editor;
  const port = await findFreePort();
  await folder.write(fileName, `${configOf(port)}keys: { noticed: { key: "\${secret:noticed}" } }\n`);
  await answerConsent(editor, "read the secret noticed", "Allow");
  const notice = workbench.notification("The secret noticed is not set");
  await notice.waitFor();
  await notice.locator(".monaco-button", { hasText: "Set Secret" }).dispatchEvent("click");
  await workbench.page.locator(".quick-input-widget:visible input[type=password]").waitFor();
  await workbench.answerInput("sesame");
  const status = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: "Bearer sesame" } })).status;
  await until("The key is not accepted", status, (seen) => seen === 200);
  await folder.write(fileName, configOf(port));
});

test.run();
