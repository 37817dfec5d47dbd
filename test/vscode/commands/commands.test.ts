import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allowModels } from "../../../src/vscode/commands/allow-models.ts";
import { copyBaseUrl } from "../../../src/vscode/commands/copy-base-url.ts";
import { copySnippet } from "../../../src/vscode/commands/copy-snippet.ts";
import { manageConsent } from "../../../src/vscode/commands/manage-consent.ts";
import { restart, start, stop } from "../../../src/vscode/commands/run.ts";
import { forgetSecret, setSecret } from "../../../src/vscode/commands/secrets.ts";
import { showStatus } from "../../../src/vscode/commands/show-status.ts";
import { folderStatus, runningFolder, servedOn } from "../../support/folder-status.ts";
import { createWindow, settle } from "./window.ts";

const run = suite("vscode/commands/run");

run("asks which folder only where there are several, and may mean all", async () => {
  const one = createWindow([runningFolder("a", 8080)]);
  await stop(one.context);
  assert.equal([one.done, one.shown], [["stop a"], []]);
  const several = createWindow([runningFolder("a", 8080), runningFolder("b", 9090)], { "LLM Proxy: Stop": "b" });
  await stop(several.context);
  assert.equal(several.done, ["stop b"]);
  assert.equal(several.shown[0]?.choices, ["All folders", "a", "b"]);
  const all = createWindow([runningFolder("a", 8080), runningFolder("b", 9090)], { "LLM Proxy: Restart": "All" });
  await restart(all.context);
  assert.equal(all.done, ["ask again", "restart a", "restart b"]);
});

run("asks nobody where the folder is named, and does nothing where nobody answers", async () => {
  const named = createWindow([runningFolder("a", 8080), runningFolder("b", 9090)]);
  await stop(named.context, "id of a");
  assert.equal([named.done, named.shown], [["stop a"], []]);
  await stop(named.context, "id of somebody else");
  assert.equal([named.done, named.shown.length], [["stop a"], 1]);
});

run("starts all where no folder has a file, and offers one", async () => {
  const { context, done, shown } = createWindow([folderStatus({ name: "a", state: "waiting", waitsFor: "file", hasFile: false }), folderStatus({ name: "settings", hasFile: false })]);
  await start(context);
  assert.equal([done, shown], [["ask again", "start a", "start settings"], []]);
});

run("says where it is served already, and offers the address", async () => {
  const { context, done, shown } = createWindow([runningFolder("a", 8080)], { "serves a already": "Copy Base URL" });
  await start(context);
  await settle();
  assert.match(shown[0]?.text ?? "", "on http://127.0.0.1:8080/v1");
  assert.equal(done.at(-1), "llmProxy.copyBaseUrl id of a");
});

run("starts nothing in a folder that is not trusted, and leads to trust", async () => {
  const { context, done, world } = createWindow([folderStatus()], { "do not trust": "Manage Workspace Trust" });
  world.isTrusted = false;
  await start(context);
  await restart(context);
  await settle();
  assert.equal(done, ["workbench.trust.manage", "workbench.trust.manage"]);
});

for (const [name, command] of Object.entries({ stop, restart, copyBaseUrl, copySnippet })) {
  run(`offers a start where ${name} finds nothing to act on`, async () => {
    const { context, done, shown } = createWindow([folderStatus()], { "serves nothing": "Start" });
    await command(context);
    await settle();
    assert.equal([shown.map(({ choices }) => choices), done.at(-1)], [[["Start"]], "llmProxy.start"]);
  });
}

run.run();

const copying = suite("vscode/commands/copy");

copying("copies the one address at once, and asks among several", async () => {
  const one = createWindow([runningFolder("a", 8080)]);
  await copyBaseUrl(one.context);
  await settle();
  assert.is(one.world.clipboard, "http://127.0.0.1:8080/v1");
  const several = createWindow([runningFolder("a", 8080, 8081)], { "Which address?": "8081" });
  await copyBaseUrl(several.context);
  await settle();
  assert.is(several.world.clipboard, "http://127.0.0.1:8081/v1");
});

copying("offers the address from the user's own machine beside it", async () => {
  const { context, world } = createWindow([runningFolder("a", 8080)], { "Which address?": "remote.test" });
  await copyBaseUrl({ ...context, external: { ask: async (url) => url.replace("127.0.0.1:8080", "remote.test/8080") } });
  await settle();
  assert.is(world.clipboard, "http://remote.test/8080/v1");
});

const serving = (fields: Parameters<typeof servedOn>[1]) => folderStatus({ state: "running", proxy: servedOn([8080], fields) });

copying("asks for a model that is served: an alias, of the route that is asked, or what a star stands for", async () => {
  const route = { name: "v1", path: "/v1", protocols: ["openai-chat"], listeners: ["local"], needsKey: false };
  const named = createWindow([serving({ models: ["fast", "claude-*", "slow"], routes: [{ ...route, models: ["slow"] }] })], { "In which language?": "curl" });
  await copySnippet(named.context);
  await settle();
  assert.match(named.world.clipboard, '"model":"slow"');
  const open = createWindow([serving({ models: ["*"] })], { "In which language?": "curl", "Which model?": "gpt-4o" });
  open.world.models = [{ vendor: "copilot", id: "auto", maxInputTokens: 0 }, { vendor: "copilot", id: "o1", maxInputTokens: 9 }, { vendor: "copilot", id: "gpt-4o", maxInputTokens: 9 }];
  await copySnippet(open.context);
  await settle();
  assert.match(open.world.clipboard, '"model":"gpt-4o"');
  assert.equal(open.shown.find(({ text }) => text.includes("Which model?"))?.choices, ["o1", "gpt-4o"]);
});

copying("says why there is nothing to copy", async () => {
  const mute = createWindow([serving({ routes: [] })]);
  await copySnippet(mute.context);
  await settle();
  assert.match(mute.shown[0]?.text ?? "", "No route of project speaks openai-chat");
  const empty = createWindow([serving({ models: ["*"] })], { "In which language?": "Node" });
  await copySnippet(empty.context);
  await settle();
  assert.match(empty.shown.at(-1)?.text ?? "", "no model to ask");
  assert.is(empty.world.clipboard, "");
});

copying.run();

const keeping = suite("vscode/commands/secrets and consent");

keeping("keeps a secret under a name that a file can say, and forgets it", async () => {
  const { context, kept, shown } = createWindow([], { "The value of ci": "sesame", "Which secret?": "ci" });
  await setSecret(context, "ci");
  assert.equal([...kept], [["ci", "sesame"]]);
  assert.match(shown.at(-1)?.text ?? "", "${secret:ci}");
  await forgetSecret(context);
  assert.equal([...kept], []);
  await forgetSecret(context);
  assert.match(shown.at(-1)?.text ?? "", "keeps no secret");
});

keeping("shows no value of a secret", async () => {
  const { context, shown } = createWindow([], { "The name": "ci", "The value of ci": "sesame" });
  await setSecret(context, "not a name");
  assert.is(shown.some(({ text }) => text.includes("sesame")), false);
});

keeping("takes back what was allowed to the folder that is chosen, and has it asked about anew", async () => {
  const { context, done, shown } = createWindow([runningFolder("allowed-a", 1), folderStatus({ name: "b", state: "waiting", waitsFor: "consent" })], { "Manage Consent": "Take back" });
  manageConsent(context);
  await settle();
  assert.equal(shown[0]?.choices, ["$(discard) Take back what you allowed in allowed-a", "$(question) Answer what b asks for", "$(hubot) Have VS Code ask about its models"]);
  assert.equal(done, ["ask again", "forget /allowed-a/.llmproxy.yaml", "restart allowed-a"]);
});

keeping("lists what runs, folder by folder, to act on", async () => {
  const { context, shown, done } = createWindow([runningFolder("a", 8080), folderStatus({ name: "b" })], { "LLM Proxy: An address": "Start" });
  showStatus(context);
  await settle();
  for (const row of ["a: running, generation 0a1b2c3d", "http://127.0.0.1:8080/v1", "$(debug-stop) Stop", "b: stopped", "$(play) Start", "$(output) Open Log"]) assert.ok(shown[0]?.choices.includes(row), row);
  assert.equal(done, ["llmProxy.start id of b"]);
});

keeping.run();

const models = suite("vscode/commands/allow-models");

const ask = async (sendRequest: () => Promise<unknown>) => {
  const window = createWindow([]);
  window.world.models = [{ vendor: "copilot", id: "auto", maxInputTokens: 0 }, { vendor: "copilot", id: "gpt-4o", maxInputTokens: 9, sendRequest }];
  allowModels(window.context);
  await settle();
  return { text: window.shown.at(-1)?.text ?? "", done: window.done };
};

models("gives its request up as soon as the editor has let it through", async () => {
  const { text, done } = await ask(async () => ({}));
  assert.match(text, "may use the models of copilot");
  assert.equal(done, ["cancelled"]);
});

models("says what came of it: a no, or a failure of another kind", async () => {
  assert.match((await ask(() => Promise.reject(Object.assign(new Error("no"), { code: "NoPermissions" })))).text, "may not use the models of copilot");
  assert.match((await ask(() => Promise.reject(new Error("Out of order.")))).text, "could not ask the models of copilot: Out of order.");
});

models("says what to install where there is no model, and leads there", async () => {
  const { context, done, shown } = createWindow([], { "no language model": "Find Extensions" });
  allowModels(context);
  await settle();
  assert.equal([shown.length, done], [1, ["workbench.extensions.search GitHub Copilot Chat"]]);
});

models.run();
