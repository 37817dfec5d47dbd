import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { configOf, fileName, findFreePort, hello, untilServing, vsix } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { text, wait } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";
import type { EditorWindow } from "./support/window.ts";

// Only here does VS Code ask for consent to a model that is not Copilot's own, and 1.104 not even here.
const test = editorSuite("vscode/model-access", { extensions: [vsix], proposals: "open", versions: ["1.139"], window: "shared" });

/** A window whose user has allowed nothing so far, with a model that VS Code asks about, served as `gpt-4`. */
const openGuarded = async (editor: Editor, name: string): Promise<{ readonly window: EditorWindow; readonly port: number }> => {
  const folder = await editor.createFolder(name);
  const window = await editor.openWindow(folder.path, "own");
  const { models } = window;
  await models.set("copilot", [{ id: "gpt-4o", name: "GPT", family: "gpt-4o", version: "1", maxInputTokens: 1000, maxOutputTokens: 1000, capabilities: {}, requiresAuthorization: true }]);
  await models.respond([wait(200), text("Answered.")]);
  const port = await findFreePort();
  await folder.write(fileName, configOf(port));
  await untilServing(port);
  return { window, port };
};

interface Answer {
  readonly status: number;
  readonly text: string;
}

const ask = async (port: number): Promise<Answer> => {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(hello) });
  return { status: response.status, text: await response.text() };
};

test("serves after the dialog was accepted, which a command brings up before any client asks", async (editor) => {
  const { window: { models, workbench }, port } = await openGuarded(editor, "accepted");
  await workbench.runFromPalette("LLM Proxy: Allow Models");
  await workbench.pick("copilot");
  await workbench.dialog().waitFor();
  assert.match(await workbench.dialog().innerText(), /wants to access the language models provided by[^]*LLM Proxy serves them to the programs/);
  await workbench.page.screenshot({ path: fileURLToPath(new URL("screenshots/model-access.png", import.meta.url)) });
  await workbench.pressInDialog("Allow");
  await workbench.notification("LLM Proxy may use the models of copilot").waitFor();
  const answer = await ask(port);
  assert.is(answer.status, 200);
  assert.match(answer.text, "Answered.");
  assert.is(await workbench.dialog().count(), 0);
  assert.ok((await models.calls()).length >= 1);
});

test("says what to do after the dialog was refused, raises no other for a client, and asks again by the command", async (editor) => {
  const { window: { models, workbench }, port } = await openGuarded(editor, "refused");
  const first = ask(port);
  await workbench.dialog().waitFor();
  await workbench.pressInDialog("Cancel");
  const refused = await first;
  assert.is(refused.status, 403);
  assert.match(refused.text, "LLM Proxy: Allow Models");
  assert.is((await ask(port)).status, 403);
  assert.is(await workbench.dialog().count(), 0);
  assert.equal(await models.calls(), []);

  await workbench.runFromPalette("LLM Proxy: Allow Models");
  await workbench.pick("copilot");
  await workbench.dialog().waitFor();
  await workbench.pressInDialog("Allow");
  await until("The model is still refused", () => ask(port), ({ status }) => status === 200);
});

test("tells a client that nobody answers the dialog, and stops the model that is asked when somebody does", async (editor) => {
  const { window: { models, workbench }, port } = await openGuarded(editor, "unanswered");
  const first = await ask(port);
  assert.is(first.status, 503);
  assert.match(first.text, "nobody has answered");
  assert.is((await ask(port)).status, 503);
  assert.is(await workbench.dialog().count(), 1);
  await workbench.pressInDialog("Allow");
  await until("The model does not answer", () => ask(port), ({ status }) => status === 200);
  const [givenUp, answered] = (await models.calls()).map(({ events }) => events.map(({ event }) => event));
  assert.ok(givenUp?.includes("cancelled"), `it was given up: ${givenUp?.join()}`);
  assert.ok(answered?.includes("ended"));
});

test.run();
