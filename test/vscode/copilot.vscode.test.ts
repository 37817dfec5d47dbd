// The real Copilot extension, as VS Code 1.139 brings it, with a server on loopback behind its "custom endpoint".
import type { ServerResponse } from "node:http";
import * as assert from "uvu/assert";
import { providerCases } from "./provider/cases.ts";
import { beginStream, choiceOf, describeRequest, openModelServer, type ModelServer, type ServerScript } from "./provider/model-server.ts";
import { askStreamed, askWhole, isOutcome, type Outcome } from "./provider/outcome.ts";
import { leaveEarly, playCase, type Stage } from "./provider/play-case.ts";
import { clientOf, fileName, findFreePort, hello, untilServing } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { editorSuite } from "./support/suite.ts";
import { until } from "./support/until.ts";

const test = editorSuite("vscode/copilot", {
  // Without the extension for GitHub's accounts, Copilot waits 5 s for it at each request.
  builtinExtensions: ["copilot", "github-authentication"],
  versions: ["1.139"],
  window: "shared",
});

const enableAll = "workbench.extensions.action.enableAll";
const vendor = "customendpoint";

interface CopilotStage extends Stage {
  readonly port: number;
  readonly server: ModelServer;
}

let opening: Promise<CopilotStage> | undefined;

/** Adds the server to Copilot's models as a person would, and serves it. */
const openStage = async ({ run, folder }: Editor): Promise<CopilotStage> => {
  const server = await openModelServer();
  await until("Extensions could not be enabled", () => run(async ({ vscode }, id) => (await vscode.commands.getCommands()).includes(id), enableAll), (isThere) => isThere);
  await run(({ vscode }, id) => void vscode.commands.executeCommand(id), enableAll);
  await until("Copilot did not start", () => run(({ vscode }) => vscode.extensions.getExtension("GitHub.copilot-chat")?.isActive === true), (isActive) => isActive);
  await run(async ({ vscode }, group) => void (await vscode.commands.executeCommand("lm.addLanguageModelsProviderGroup", group)), {
    name: "test",
    vendor,
    apiKey: "test-key",
    models: [{ id: "mock", name: "Mock", url: `http://127.0.0.1:${server.port}/v1/chat/completions`, toolCalling: true, vision: true, maxInputTokens: 10_000, maxOutputTokens: 2000 }],
  });
  await until("Copilot did not offer the model", () => run(async ({ vscode }, of) => (await vscode.lm.selectChatModels({ vendor: of })).length, vendor), (count) => count > 0);
  const port = await findFreePort();
  await folder.write(fileName, `version: 1\nlisteners: { local: { ports: ${port} } }\nmodels:\n  gpt-4: ${vendor}/mock\n`);
  await untilServing(port);
  return {
    port,
    server,
    url: `http://127.0.0.1:${port}/v1`,
    direct: server.direct,
    firstCall: async () => (server.requests[0] === undefined ? undefined : describeRequest(server.requests[0])),
  };
};

/** One server for all cases, and one proxy before it. */
const stageOf = (editor: Editor): Promise<CopilotStage> => (opening ??= openStage(editor));

for (const providerCase of providerCases.filter(({ notCopilot }) => notCopilot === undefined))
  test(providerCase.title, async (editor) => playCase(providerCase, await stageOf(editor)));

/** A refusal of the server with its own code. */
const refusal = (status: number, code: string | null = null): ServerScript => (response) => {
  response.writeHead(status, { "content-type": "application/json", "retry-after": "7" });
  response.end(JSON.stringify({ error: { message: `the server says ${status}`, type: "error", param: null, code } }));
};

/** Says the first words, then does something else than going on. */
const after = (words: string, then: (response: ServerResponse, say: (chunk: object) => void) => void): ServerScript => (response) => {
  const say = beginStream(response);
  say(choiceOf({ role: "assistant", content: words }));
  // Words of the moment before an error never arrive.
  setTimeout(() => then(response, say), 100);
};

/** Says nothing but the end. */
const end = (reason?: string): ServerScript => (response) => {
  const say = beginStream(response);
  if (reason !== undefined) say(choiceOf({}, reason));
  response.end("data: [DONE]\n\n");
};

/** What the server does, and what the client gets of it. Copilot hands on a status in some cases, words in others, and of some nothing. */
const failures: readonly (readonly [string, ServerScript, Outcome, RegExp?])[] = [
  ["a request that is wrong", refusal(400, "model_not_supported"), { status: 400, code: "model_not_supported" }, /refused the request: the server says 400$/],
  ["a context that is too long for the server", refusal(400, "context_length_exceeded"), { status: 400, code: "context_length_exceeded" }],
  ["a key that the server does not know, which Copilot tells in words alone", refusal(401), { status: 502, code: "upstream_error" }, /failed: the server says 401$/],
  ["a model that the server does not know", refusal(404, "model_not_found"), { status: 404, code: null }, /failed: the server says 404$/],
  ["a request that is too large", refusal(413), { status: 400, code: null }],
  ["a filter of the server", refusal(422), { status: 400, code: "content_filter" }],
  ["a rate", refusal(429), { status: 429, code: "rate_limit_exceeded" }],
  ["a quota", refusal(429, "insufficient_quota"), { status: 402, code: "insufficient_quota" }],
  ["a failure of the server", refusal(500), { status: 500, code: "upstream_error" }],
  ["a server that is overloaded", refusal(503), { status: 503, code: "upstream_error" }, /is overloaded: the server says 503$/],
  ["a filter before the first part", end("content_filter"), { status: 400, code: "content_filter" }],
  ["an answer without a single part", end(), { status: 502, code: "upstream_error" }],
  ["a filter in the middle", after("Hel", (response, say) => {
    say(choiceOf({}, "content_filter"));
    response.end("data: [DONE]\n\n");
  }), { choices: [{ text: "Hel", finishReason: "content_filter" }], usage: "counted" }],
  ["an answer that became too long", after("Hel", (response, say) => {
    say(choiceOf({}, "length"));
    response.end("data: [DONE]\n\n");
  }), { choices: [{ text: "Hel", finishReason: "length" }], usage: "counted" }],
  ["an error in the middle", after("Hel", (response) => response.end('data: {"error":{"message":"boom"}}\n\n')), { status: 502, code: "upstream_error", after: "Hel" }],
  ["a connection that breaks off", after("Hel", (response) => response.destroy()), { status: 502, code: "upstream_error", after: "Hel" }],
  ["an end without a reason", after("Hel", (response) => response.end()), { status: 502, code: "upstream_error", after: "Hel" }],
];

for (const [title, script, outcome, message] of failures) {
  test(title, async (editor) => {
    const { url, port, server } = await stageOf(editor);
    server.direct([script]);
    isOutcome(await askWhole(url, hello), outcome, "whole");
    isOutcome(await askStreamed(url, hello), outcome, "streamed");
    if (message === undefined) return;
    const thrown = await clientOf(port).chat.completions.create(hello).catch((error: unknown) => error);
    assert.match((thrown as Error).message, message);
  });
}

test("a server that is not there", async (editor) => {
  const { url, server } = await stageOf(editor);
  server.direct([(response) => void response.destroy()]);
  isOutcome(await askWhole(url, hello), { status: 502, code: "upstream_error" }, "whole");
});

test("messages that Copilot finds too long never reach the server", async (editor) => {
  const { url, server } = await stageOf(editor);
  server.direct([[]]);
  isOutcome(await askWhole(url, { messages: [{ role: "user", content: "word ".repeat(20_000) }] }), { status: 400, code: "context_length_exceeded" }, "whole");
  assert.equal(server.requests, []);
});

test("arguments that are no JSON arrive as none", async (editor) => {
  const { url, server } = await stageOf(editor);
  server.direct([(response) => {
    const say = beginStream(response);
    say(choiceOf({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "{oops" } }] }, "tool_calls"));
    response.end("data: [DONE]\n\n");
  }]);
  const { choices } = await askWhole(url, { ...hello, tools: [{ type: "function", function: { name: "look" } }] });
  assert.equal(choices?.[0]?.toolCalls, [{ id: "call_1", name: "look", argumentsText: "{}" }]);
});

test("Copilot's own rules come first, and the server knows for whom it answers", async (editor) => {
  const { url, server } = await stageOf(editor);
  server.direct([[]]);
  await askWhole(url, { messages: [{ role: "system", content: "Be brief." }, ...hello.messages], top_p: 0.4, max_tokens: 5 });
  const [request] = server.requests;
  assert.equal(request?.messages.map(({ role }) => role), ["system", "user", "user"]);
  assert.is(request?.messages[1]?.content, "Be brief.");
  assert.equal([request?.["top_p"], request?.["max_tokens"]], [1, undefined], "Copilot keeps to its own");
});

test("a client that leaves stops the server behind Copilot", async (editor) => {
  const { url, server } = await stageOf(editor);
  server.direct([after("one", () => {})]);
  const { left } = server;
  await leaveEarly(url);
  await left;
});

test.run();
