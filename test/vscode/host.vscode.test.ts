// Proves the harness itself: a real VS Code with nothing in it but the driver and the scripted models.
import * as assert from "uvu/assert";
import { fail, pause, text, thinking, toolCall, usage, wait } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";
import type { Editor } from "./support/editor.ts";

const test = editorSuite("vscode/host", { extensions: [], window: "shared" });

/** Sends one message through vscode.lm; gives the parts that came, or what was thrown. */
const ask = ({ run }: Editor, vendor = "copilot", id = "gpt-4o") =>
  run(
    async ({ vscode }, selector) => {
      const [model] = await vscode.lm.selectChatModels(selector);
      if (model === undefined) throw new Error("no such model");
      const parts: unknown[] = [];
      const answer = await model.sendRequest([vscode.LanguageModelChatMessage.User("Hello")], {
        modelOptions: { temperature: 0.5 },
      });
      for await (const part of answer.stream) {
        const { value, name, mimeType, data } = part as Partial<Record<"value" | "name" | "mimeType" | "data", string>>;
        parts.push(mimeType === undefined ? (name ?? value) : `${mimeType} ${data}`);
      }
      return parts;
    },
    { vendor, id },
  );

test("runs code where the extensions run", async ({ host, folder, run }) => {
  const seen = await run(
    ({ vscode }, greeting) => [greeting, vscode.version, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath],
    "hello",
  );
  assert.is(seen[0], "hello");
  assert.match(String(seen[1]), host.version);
  assert.is(seen[2], folder.path);
});

test("brings back what is thrown there", async ({ run }) => {
  const thrown = await run(() => {
    throw Object.assign(new RangeError("too far"), { code: "E_FAR" });
  }).catch((error: unknown) => error);
  assert.instance(thrown, Error);
  assert.is((thrown as Error).name, "RangeError");
  assert.is((thrown as Error).message, "too far");
  assert.is((thrown as Error & { code: string }).code, "E_FAR");
});

test("offers the scripted models as Copilot's", async ({ run, models }) => {
  const list = () =>
    run(async ({ vscode }) => (await vscode.lm.selectChatModels({ vendor: "copilot" })).map(({ id }) => id));
  assert.equal((await list()).toSorted(), ["claude-sonnet-4", "gpt-4o", "gpt-4o-mini"]);
  await models.unregister("copilot");
  assert.equal(await list(), []);
});

test("streams what a script says through vscode.lm", async (editor) => {
  const { models } = editor;
  await models.respond([text("Hel"), text("lo"), thinking("hm"), toolCall("c1", "look", { at: 1 }), usage(3, 2)]);
  assert.equal(await ask(editor), [
    "Hel",
    "lo",
    "hm",
    "look",
    'usage {"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}',
  ]);
  const [call] = await models.calls();
  assert.is(call?.model, "gpt-4o");
  assert.equal(call?.messages, [{ role: "user", content: [{ text: "Hello" }] }]);
  assert.equal(call?.modelOptions, { temperature: 0.5 });
  assert.equal(
    call?.events.map(({ event }) => event),
    ["started", "part", "part", "part", "part", "part", "ended"],
  );
});

test("answers differently by model, and once", async (editor) => {
  await editor.models.respond([text("always")]);
  await editor.models.respond([text("large")], { model: "large" });
  await editor.models.respond([text("first")], { once: true });
  assert.equal(await ask(editor), ["first"]);
  assert.equal(await ask(editor), ["always"]);
  assert.equal(await ask(editor, "fixture", "large"), ["large"]);
});

test("fails in the ways that providers fail", async (editor) => {
  const errorOf = async (): Promise<unknown> => {
    const { name, message, code } = (await ask(editor).then(
      () => assert.unreachable(),
      (error: unknown) => error,
    )) as Error & { code?: string };
    return [name, message, code];
  };
  await editor.models.respond([fail("blocked", "no such talk")]);
  assert.equal(await errorOf(), ["LanguageModelError", "no such talk", "Blocked"]);
  await editor.models.respond([fail("plain", "slow down", { name: "ChatRateLimited", code: "429" })]);
  assert.equal(await errorOf(), ["ChatRateLimited", "slow down", "429"]);
  await editor.models.respond([text("half"), wait(100), fail("string", "just so")]);
  assert.equal(await errorOf(), [undefined, "", undefined]);
});

test("keeps proposed API closed, even to an extension that declares it", async ({ run }) => {
  const thrown = await run(async ({ vscode }) => {
    const [model] = await vscode.lm.selectChatModels({ vendor: "fixture" });
    const system = new vscode.LanguageModelChatMessage(3 as 1, "You are terse.");
    await model?.sendRequest([system]);
  }).catch((error: unknown) => String(error));
  assert.match(String(thrown), /CANNOT use API proposal: languageModelSystem/);
});

/** Starts a call, cancels it once the script stands at its pause; gives when the stream had ended. */
const cancelAtPause = ({ run }: Editor) =>
  run(async ({ vscode, fixture }) => {
    const [model] = await vscode.lm.selectChatModels({ vendor: "copilot", id: "gpt-4o" });
    const source = new vscode.CancellationTokenSource();
    const answer = await model?.sendRequest([vscode.LanguageModelChatMessage.User("Hello")], {}, source.token);
    await fixture.journal.until("paused");
    source.cancel();
    for await (const _ of answer?.stream ?? []);
  });

test("tells the provider of a cancellation", { versions: ["1.139"] }, async (editor) => {
  await editor.models.respond([text("one"), pause(), text("two")]);
  await cancelAtPause(editor);
  const [call] = await editor.models.calls();
  assert.equal(
    call?.events.map(({ event }) => event),
    ["started", "part", "paused", "cancelled", "ended"],
  );
});

test("does not tell the provider of a cancellation", { versions: ["1.104"] }, async (editor) => {
  await editor.models.respond([text("one"), pause(), text("two")]);
  const ended = cancelAtPause(editor);
  await editor.models.until("paused");
  await editor.models.resume();
  await ended;
  const [call] = await editor.models.calls();
  assert.equal(
    call?.events.map(({ event }) => event),
    ["started", "part", "paused", "part", "ended"],
  );
});

test("plays a model that does not care that it is cancelled", { versions: ["1.139"] }, async (editor) => {
  await editor.models.respond([text("one"), pause(), text("two")], { whenCancelled: "ignore" });
  const ended = cancelAtPause(editor);
  await editor.models.until("cancelled");
  await editor.models.resume();
  await ended;
  const [call] = await editor.models.calls();
  assert.equal(
    call?.events.map(({ event }) => event),
    ["started", "part", "paused", "cancelled", "part", "ended"],
  );
});

test("shows a status bar item and its tooltip", async ({ run, workbench }) => {
  const id = "llm-proxy-test.test-driver.state";
  await run(({ vscode }) => {
    const item = vscode.window.createStatusBarItem("state", vscode.StatusBarAlignment.Left, 1);
    item.tooltip = new vscode.MarkdownString("**ready**\n\n| a | b |\n|-|-|\n| 1 | 2 |");
    item.text = "$(radio-tower) LLM :4000";
    item.show();
    Object.assign(globalThis, { item });
  });
  assert.is(await workbench.statusBecomes(id, "LLM"), "LLM :4000");
  const { html } = await workbench.statusTooltip(id);
  assert.match(html, /<strong>ready<\/strong>[^]*<table>/);
});

test("answers what VS Code asks", async ({ run, workbench }) => {
  const input = run(({ vscode }) =>
    vscode.window.showInputBox({
      title: "Key",
      validateInput: async (value) => (value.length < 3 ? "too short" : undefined),
    }),
  );
  await workbench.answerInput("s3cret");
  assert.is(await input, "s3cret");

  const choice = run(({ vscode }) => vscode.window.showQuickPick(["one", "two"]));
  await workbench.pick("two");
  assert.is(await choice, "two");

  const modal = run(({ vscode }) => vscode.window.showWarningMessage("Really?", { modal: true }, "Do it"));
  await workbench.pressInDialog("Do it");
  assert.is(await modal, "Do it");

  const note = run(({ vscode }) => vscode.window.showInformationMessage("Port 4000 is taken", "Use 4001"));
  await workbench.pressInNotification("Port 4000", "Use 4001");
  assert.is(await note, "Use 4001");
});

test("runs a command from the palette", async ({ run, workbench }) => {
  await workbench.runFromPalette("View: Toggle Primary Side Bar Visibility");
  await workbench.page.locator(".part.sidebar").waitFor({ state: "hidden" });
  await run(({ vscode }) => vscode.commands.executeCommand("workbench.action.toggleSidebarVisibility"));
});

test("reads the rows of the Problems view", { files: { "a.yaml": "port: 4000\n" } }, async (editor) => {
  await editor.run(({ vscode }, path) => {
    const problem = new vscode.Diagnostic(new vscode.Range(0, 6, 0, 10), "port is taken");
    const problems = vscode.languages.createDiagnosticCollection("test");
    problems.set(vscode.Uri.file(path), [problem]);
  }, `${editor.folder.path}/a.yaml`);
  const rows = await editor.workbench.problemsBecome(/port is taken at line 1 and character 7/);
  assert.ok(rows.length >= 1);
});

test("reads the file of a log channel", async ({ run, window }) => {
  await run(({ vscode }) => vscode.window.createOutputChannel("Test Log", { log: true }).info("line 42"));
  await window.logSays({ extension: "llm-proxy-test.test-driver", channel: "Test Log" }, /\[info\] line 42/);
});

test.run();
