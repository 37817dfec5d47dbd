import { createServer } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
import * as assert from "uvu/assert";
import type { Editor } from "./support/editor.ts";
import { fail, pause, text, toolCall, usage } from "./support/script.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";
import {
  answerConsent, clientOf, configOf, fileName, findFreePort, hello, isListening, logChannel, statusItem, stream, untilFree, untilServing, vsix,
} from "./served.ts";

const test = editorSuite("vscode/extension", { extensions: [vsix], window: "shared" });

const command = ({ run }: Editor, name: string) =>
  run(async ({ vscode }, id) => void (await vscode.commands.executeCommand(id)), `llmProxy.${name}`);

/** Writes a file that serves `gpt-4` on a port of its own; gives the port once it answers. */
const serve = async ({ folder }: Editor, model?: string): Promise<number> => {
  const port = await findFreePort();
  await folder.write(fileName, configOf(port, model));
  await untilServing(port);
  return port;
};

test("starts for a file that is made after the window was opened", async (editor) => {
  const port = await serve(editor);
  await editor.workbench.statusBecomes(statusItem, String(port));
  const { text: tooltip } = await editor.workbench.statusTooltip(statusItem);
  assert.match(tooltip, `http://127.0.0.1:${port}/v1`);
  assert.match(tooltip, "no key");
});

test("streams what vscode.lm says, under the alias that the client asked for", async (editor) => {
  await editor.models.respond([text("Hel"), text("lo", { times: 40 }), usage(3, 41)]);
  const port = await serve(editor);
  const answer = await stream(port);
  assert.is(answer.text, `Hel${"lo".repeat(40)}`);
  assert.equal([answer.models, answer.finishReason, answer.answeredBy], [["gpt-4"], "stop", "copilot/gpt-4o"]);
  const [call] = await editor.models.calls();
  assert.equal([call?.model, call?.requestInitiator], ["gpt-4o", "llm-proxy.vscode-llm-proxy"]);
  assert.equal(call?.messages, [{ role: "user", content: [{ text: "Hello" }] }]);
});

test("gives a whole answer with the usage that the model tells", async (editor) => {
  await editor.models.respond([text("Hello"), usage(3, 41)]);
  const completion = await clientOf(await serve(editor)).chat.completions.create(hello);
  assert.is(completion.choices[0]?.message.content, "Hello");
  assert.equal([completion.usage?.prompt_tokens, completion.usage?.completion_tokens], [3, 41]);
});

test("carries a conversation with tools through the editor's own classes", async (editor) => {
  await editor.models.respond([toolCall("call_2", "add", { a: 2 })]);
  const completion = await clientOf(await serve(editor)).chat.completions.create({
    model: "gpt-4",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "One " }, { type: "text", text: "and one?" }] },
      { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "add", arguments: '{"a":1}' } }] },
      { role: "tool", tool_call_id: "call_1", content: "two" },
    ],
    tools: [{ type: "function", function: { name: "add", description: "Adds", parameters: { type: "object" } } }],
    tool_choice: "required",
    temperature: 0.5,
  });
  const [choice] = completion.choices;
  assert.is(choice?.finish_reason, "tool_calls");
  assert.equal(choice?.message.tool_calls, [{ id: "call_2", type: "function", function: { name: "add", arguments: '{"a":2}' } }]);
  const [call] = await editor.models.calls();
  assert.equal(call?.messages, [
    { role: "user", content: [{ text: "Be brief." }] },
    { role: "user", content: [{ text: "One and one?" }] },
    { role: "assistant", content: [{ toolCall: { id: "call_1", name: "add", input: { a: 1 } } }] },
    { role: "user", content: [{ toolResult: { id: "call_1", content: [{ text: "two" }] } }] },
  ]);
  assert.equal([call?.toolMode, call?.tools, call?.modelOptions], [
    "required", [{ name: "add", description: "Adds", inputSchema: { type: "object" } }], { temperature: 0.5 },
  ]);
});

test("serves another model under the alias once the file is saved, however it is saved", async (editor) => {
  const port = await serve(editor);
  const { answeredBy, generation } = await stream(port);
  assert.is(answeredBy, "copilot/gpt-4o");

  await editor.folder.replace(fileName, configOf(port, "copilot/gpt-4o-mini"));
  const replaced = await untilServing(port, generation ?? "");
  assert.is((await stream(port)).answeredBy, "copilot/gpt-4o-mini");

  await editor.run(async ({ vscode }, [path, content]) => {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), content);
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  }, [`${editor.folder.path}/${fileName}`, configOf(port, "fixture/small")] as const);
  await untilServing(port, replaced.generation);
  assert.is((await stream(port)).answeredBy, "fixture/small");
});

test("answers a stream to its end on the configuration that it began with", async (editor) => {
  await editor.models.respond([text("one "), pause(), text("two")]);
  const port = await serve(editor);
  const running = stream(port);
  await editor.models.until("paused");
  await editor.folder.replace(fileName, configOf(port, "copilot/gpt-4o-mini"));
  await untilServing(port, (await untilServing(port)).generation);
  await editor.models.resume();
  const { text: told, answeredBy } = await running;
  assert.equal([told, answeredBy], ["one two", "copilot/gpt-4o"]);
});

/** The problems that the editor shows of the folder's file: line and character from 1, and message. */
const problemsOf = ({ run, folder }: Editor): Promise<readonly (readonly [number, number, string])[]> =>
  run(({ vscode }, path) => vscode.languages.getDiagnostics(vscode.Uri.file(path))
    .map(({ range, message }) => [range.start.line + 1, range.start.character + 1, message] as const), `${folder.path}/${fileName}`);

test("shows what is wrong with a save at its line, and goes on with what ran before", async (editor) => {
  const port = await serve(editor);
  const { generation } = await untilServing(port);
  await editor.folder.write(fileName, configOf(port).replace("models:", "modles:"));
  const [problem] = await until("No problem is shown", () => problemsOf(editor), (problems) => problems.length > 0);
  assert.equal(problem?.slice(0, 2), [3, 1]);
  assert.match(problem?.[2] ?? "", "models");
  await editor.workbench.statusBecomes(statusItem, String(port));
  const { answeredBy, generation: after } = await stream(port);
  assert.equal([answeredBy, after], ["copilot/gpt-4o", generation]);

  await editor.folder.write(fileName, configOf(port, "copilot/gpt-4o-mini"));
  await untilServing(port, generation);
  assert.equal(await problemsOf(editor), []);
});

test("goes on with what ran before when the file goes away", async (editor) => {
  const port = await serve(editor);
  await editor.folder.remove(fileName);
  await editor.window.logSays(logChannel, /the file is missing/);
  assert.is((await stream(port)).answeredBy, "copilot/gpt-4o");
});

test("frees the port when it is stopped, and takes it again when it is started", async (editor) => {
  const port = await serve(editor);
  await command(editor, "stop");
  assert.not(await isListening(port));
  await editor.workbench.statusBecomes(statusItem, "stopped");
  await editor.folder.write(fileName, `${configOf(port)}# saved\n`);
  await command(editor, "start");
  await untilServing(port);
  await command(editor, "restart");
  await untilServing(port);
  await editor.workbench.statusBecomes(statusItem, String(port));
});

test("waits for a port that is taken, and has it once it is free", async (editor) => {
  await serve(editor);
  await command(editor, "stop");
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  await editor.folder.write(fileName, configOf(port));
  await command(editor, "start");
  await editor.workbench.statusBecomes(statusItem, "waiting");
  holder.close();
  await untilServing(port);
  await editor.workbench.statusBecomes(statusItem, String(port));
});

test("gives what a provider throws its status", async (editor) => {
  const port = await serve(editor);
  const statusOf = (): Promise<unknown> => clientOf(port).chat.completions.create({ ...hello, stream: true }).then(
    () => assert.unreachable(),
    ({ status, code }: { status: number; code: string }) => [status, code],
  );
  await editor.models.respond([fail("plain", "Rate limit exceeded\n\n{}", { name: "ChatRateLimited" })]);
  assert.equal(await statusOf(), [429, "rate_limit_exceeded"]);
  await editor.models.respond([fail("plain", "no more", { name: "ChatQuotaExceeded" })]);
  assert.equal(await statusOf(), [402, "insufficient_quota"]);
  await editor.models.respond([fail("blocked", "")]);
  assert.equal(await statusOf(), [429, "rate_limit_exceeded"]);
  await editor.models.respond([fail("plain", "Response got filtered.")]);
  assert.equal(await statusOf(), [400, "content_filter"]);
  await editor.models.respond([fail("string", "boom")]);
  assert.equal(await statusOf(), [502, "upstream_error"]);
});

test("answers again when a provider was away for a moment", async (editor) => {
  const port = await serve(editor);
  assert.is((await stream(port)).text, "ok");
  await editor.models.unregister("copilot");
  await editor.models.register("copilot");
  assert.is((await stream(port)).text, "ok");
});

/** Asks for a stream, leaves once the model stands at its pause; gives when that was, on the clock that all processes share. */
const leaveAtPause = async (editor: Editor, port: number): Promise<number> => {
  const controller = new AbortController();
  const read = async (): Promise<void> => {
    const chunks = await clientOf(port).chat.completions.create({ ...hello, stream: true }, { signal: controller.signal });
    for await (const _ of chunks);
  };
  const left = read().catch(() => {});
  await editor.models.until("paused");
  const leftAt = performance.timeOrigin + performance.now();
  controller.abort();
  await left;
  return leftAt;
};

for (const [when, steps] of [["before the first part", [pause()]], ["in the middle", [text("one "), pause()]]] as const) {
  test(`tells the model that a client has left ${when}`, { versions: ["1.139"] }, async (editor) => {
    await editor.models.respond(steps);
    const leftAt = await leaveAtPause(editor, await serve(editor));
    const { atMs } = await editor.models.until("cancelled");
    const ms = atMs + (await editor.run(() => performance.timeOrigin)) - leftAt;
    // 50 ms is what is promised; on a machine that does ten other things it may be more.
    assert.ok(ms < 500, `the model was told after ${ms.toFixed(1)} ms`);
  });

  test(`lets go of a client that has left ${when}, though the model cannot be told`, { versions: ["1.104"] }, async (editor) => {
    await editor.models.respond(steps);
    const port = await serve(editor);
    await leaveAtPause(editor, port);
    await editor.window.logSays(logChannel, new RegExp(`request .*alias=gpt-4 .*ended=client-left`));
    await editor.models.resume();
  });
}

test("gives up on a client that does not read, while the editor goes on bringing text", async (editor) => {
  await editor.models.respond([text("x".repeat(20_000), { times: 2000, everyMs: 1 })], { whenCancelled: "return" });
  const port = await serve(editor);
  const body = JSON.stringify({ ...hello, stream: true });
  const socket = connect(port, "127.0.0.1").pause();
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  await editor.models.until(editor.host.version === "1.104" ? "ended" : "cancelled");
  socket.resume();
  await editor.window.logSays(logChannel, /request .*error=client_too_slow/);
  socket.destroy();
});

test("says nothing of what was asked and answered in its log", async (editor) => {
  await editor.models.respond([text("SECRET-ANSWER")]);
  const port = await serve(editor);
  await stream(port, { messages: [{ role: "user", content: "SECRET-QUESTION" }] });
  const log = await editor.window.logSays(logChannel, /request .*alias=gpt-4 .*ended=complete/);
  assert.not.match(log, "SECRET");
});

test("takes a key from the editor's secret storage", async (editor) => {
  const port = await findFreePort();
  await editor.folder.write(fileName, `${configOf(port)}keys: { ci: { key: "\${secret:ci}" } }\n`);
  await answerConsent(editor, "read the secret ci", "Allow");
  await untilServing(port);
  const status = async (key: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.is(await status("sesame"), 401);
  await editor.run(({ vscode }) => void vscode.commands.executeCommand("llmProxy.setSecret"));
  await editor.workbench.answerInput("ci");
  await editor.workbench.page.locator(".quick-input-widget:visible input[type=password]").waitFor();
  await editor.workbench.answerInput("sesame");
  await until("The key is not accepted", () => status("sesame"), (seen) => seen === 200);
  assert.is(await status("other"), 401);
});

test("shows what runs, and what can be done about it", async (editor) => {
  const port = await serve(editor);
  await command(editor, "showStatus");
  await editor.workbench.quickInput().locator(".monaco-list-row", { hasText: `http://127.0.0.1:${port}/v1` }).waitFor();
  await editor.workbench.pick("Stop");
  await untilFree(port);
  await command(editor, "start");
});

test("has its port again after a reload, and breaks off what is in flight when its window closes", async (editor) => {
  const port = await findFreePort();
  const folder = await editor.createFolder("another", { [fileName]: configOf(port) });
  const window = await editor.openWindow(folder.path);
  await untilServing(port);
  await window.reload();
  await untilServing(port);

  await window.models.respond([text("one "), pause()]);
  const ended = stream(port).then(() => "whole", () => "broken off");
  await window.models.until("paused");
  await window.close();
  assert.is(await ended, "broken off");
  assert.not(await isListening(port));
});

test("serves each folder of a window, and says of two that want one port which has it", async (editor) => {
  const [port, other] = [await findFreePort(), await findFreePort()];
  const first = await editor.createFolder("first", { [fileName]: configOf(port) });
  const second = await editor.createFolder("second", { [fileName]: configOf(port) });
  const workspace = await editor.createFolder("workspace", {
    "both.code-workspace": JSON.stringify({ folders: [{ path: first.path }, { path: second.path }] }),
  });
  const window = await editor.openWindow(`${workspace.path}/both.code-workspace`);
  await untilServing(port);
  const messages = await until("No problem is shown", () => window.run(({ vscode }, path) =>
    vscode.languages.getDiagnostics(vscode.Uri.file(path)).map(({ message }) => message), `${second.path}/${fileName}`), (shown) => shown.length > 0);
  assert.match(messages[0] ?? "", `${first.path}/${fileName}:2`);
  await second.write(fileName, configOf(other));
  await untilServing(other);
  await window.workbench.statusBecomes(statusItem, new RegExp(`${port}, ${other}`));
});

test.run();

const untrusted = editorSuite("vscode/extension in Restricted Mode", { extensions: [vsix], window: "shared", trust: false });

untrusted("starts nothing, not even when it is asked to, until the folder is trusted", async (editor) => {
  const port = await findFreePort();
  await editor.folder.write(fileName, configOf(port));
  assert.equal(await editor.run(({ vscode }) => [vscode.workspace.isTrusted, vscode.extensions.getExtension("llm-proxy.vscode-llm-proxy")?.isActive]), [false, true]);
  await command(editor, "start");
  await editor.workbench.pressInNotification("you do not trust", "Manage Workspace Trust");
  assert.not(await isListening(port));
  await editor.workbench.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
  await untilServing(port);
  assert.is((await stream(port)).answeredBy, "copilot/gpt-4o");
});

untrusted.run();
