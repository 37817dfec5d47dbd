import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Locator, Page } from "playwright-core";
import * as assert from "uvu/assert";
import { fileName, statusItem, vsix } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { text } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const test = editorSuite("vscode/walkthrough", { extensions: [vsix], proposals: "open" });

/** What media/ has was taken here: `pngquant --ext .png --force 32 test/vscode/screenshots/walkthrough/*.png`, then copied. */
const takePicture = async (page: Page, name: keyof typeof clips): Promise<void> => {
  const folder = fileURLToPath(new URL("screenshots/walkthrough", import.meta.url));
  await mkdir(folder, { recursive: true });
  const [x, y, width, height] = clips[name];
  await page.screenshot({ path: `${folder}/${name}.png`, clip: { x, y, width, height } });
};

/** The part of a window of 900 by 560 that a picture shows: left, top, width, height. */
const clips = {
  file: [352, 36, 548, 524],
  allow: [210, 185, 480, 190],
  status: [500, 250, 400, 310],
  ask: [352, 200, 548, 360],
} as const;

const openWalkthrough = ({ run }: Editor): Promise<void> =>
  run(async ({ vscode }) => void (await vscode.commands.executeCommand("workbench.action.openWalkthrough", "llm-proxy.vscode-llm-proxy#first-answer", false)));

const pasteInTerminal = async ({ folder, run, workbench: { page } }: Editor, snippet: string): Promise<void> => {
  await run(({ vscode }, code) => {
    const shell = vscode.window.createTerminal({ name: "curl", shellPath: "/bin/sh", env: { PS1: "$ " } });
    shell.show();
    shell.sendText(code);
    shell.sendText("echo > answered");
  }, snippet);
  // What a terminal shows is drawn, and cannot be read.
  await until("The terminal is not done", () => folder.read("answered").catch(() => undefined), (content) => content !== undefined);
  await run(({ vscode }) => vscode.commands.executeCommand("notifications.clearAll"));
  await takePicture(page, "ask");
};

test("leads from an installed extension to the first answer, step by step", async (editor) => {
  const { workbench, models, folder, run, window } = editor;
  const { page } = workbench;
  await page.setViewportSize({ width: 900, height: 560 });
  // Only the newer VS Code asks about models that are not Copilot's own.
  const isNew = editor.host.version === "1.139";
  await models.set("copilot", [{ id: "gpt-4o", name: "GPT-4o", family: "gpt-4o", version: "1", maxInputTokens: 64_000, maxOutputTokens: 4000, capabilities: {}, requiresAuthorization: isNew }]);
  await models.respond([text("Hello! What can I do for you?")]);
  await openWalkthrough(editor);
  const step = (title: string) => page.locator(".getting-started-step", { hasText: title });
  /** Presses a step's button until what it leads to is shown: a walkthrough that is just being opened takes the focus away again. */
  const press = async (title: string, button: string, expected: Locator): Promise<void> => {
    await until(`"${button}" leads nowhere`, async () => {
      await pressOnce(title, button);
      return expected.waitFor({ timeout: 5000 }).then(() => true, () => false);
    }, (isShown) => isShown);
  };
  const pressOnce = async (title: string, button: string): Promise<void> => {
    await openWalkthrough(editor);
    const wanted = step(title).locator(".monaco-button", { hasText: button }).first();
    await step(title).waitFor();
    // One step is open, and clicking it would close it.
    if (!await wanted.isVisible()) await step(title).locator(".step-title").first().click();
    await wanted.click();
  };
  const row = (label: string): Locator => workbench.quickInput().locator(".monaco-list-row", { hasText: label }).first();
  await press("Write down what is served", "Write a First File", page.locator(".tab", { hasText: fileName }).first());
  const file = await until("There is no file", () => folder.read(fileName).catch(() => undefined), (content) => content?.includes("version: 1") === true);
  // The file asks for 8080 where that was free, and somebody else on this machine may have been faster.
  const isTaken = (await workbench.statusBecomes(statusItem, /LLM Proxy(: error| \d+)/)).includes("error");
  if (isTaken) await workbench.notification("cannot be listened on").locator(".monaco-button", { hasText: "Change to port" }).dispatchEvent("click");
  const shown = await workbench.statusBecomes(statusItem, /LLM Proxy \d+/);
  const port = /\d+$/.exec(shown)?.[0] ?? "";
  await takePicture(page, "file");
  assert.match(file ?? "", "models:");

  await press("Allow the models", "Allow Models…", row("copilot"));
  await workbench.pick("copilot");
  if (isNew) {
    await workbench.dialog().waitFor();
    await takePicture(page, "allow");
    await workbench.pressInDialog("Allow");
  }
  await workbench.notification("LLM Proxy may use the models of copilot").waitFor();
  await run(({ vscode }) => vscode.commands.executeCommand("notifications.clearAll"));

  await press("See where it is served", "Show Status", row(`http://127.0.0.1:${port}/v1`));
  await page.keyboard.press("Escape");
  await workbench.statusTooltip(statusItem);
  await takePicture(page, "status");

  await press("Ask it something", "Copy Snippet", row("curl"));
  await workbench.pick("curl");
  await workbench.quickInput().locator(".monaco-list-row").first().click();
  const snippet = await until("Nothing was copied", () => window.run(({ vscode }) => vscode.env.clipboard.readText()), (copied) => copied.includes("curl"));
  assert.match((await promisify(execFile)("sh", ["-c", snippet])).stdout, "What can I do for you?");
  if (isNew) await pasteInTerminal(editor, snippet);
  await openWalkthrough(editor);
  for (const title of ["Write down what is served", "Allow the models", "See where it is served", "Ask it something"]) await step(title).locator(".codicon.complete").first().waitFor({ state: "attached" });
});

test.run();
