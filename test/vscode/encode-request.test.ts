import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ChatRequest, Message } from "../../src/chat/request.ts";
import { encodeMessages } from "../../src/vscode/encode-messages.ts";
import { encodeOptions } from "../../src/vscode/encode-options.ts";
import { createEditorModels } from "../support/editor-models.ts";

const { api } = createEditorModels();

const roles = ["", "user", "assistant"];

/** What is left of a value when it is told as JSON: bytes become objects by position. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Role and content of each message, the content's parts by class and fields. */
const encoded = (...messages: readonly Message[]): unknown =>
  encodeMessages(messages, api).map(({ role, content, name }) => ({
    role: roles[role],
    parts: content.map((part) => [part.constructor.name, plain(part)]),
    ...(name === undefined ? {} : { name }),
  }));

const text = (value: string) => ({ type: "text", text: value }) as const;
const textPart = (value: string) => ["TextPart", { value }];

const messages = suite("vscode/encode-messages");

messages("sends instructions as the user's text, where they stand", () => {
  assert.equal(
    encoded({ role: "system", content: [text("Be "), text("brief.")] }, { role: "user", name: "ann", content: [text("Hi")] }, { role: "system", content: [text("In French.")] }),
    [
      { role: "user", parts: [textPart("Be brief.")] },
      { role: "user", parts: [textPart("Hi")], name: "ann" },
      { role: "user", parts: [textPart("In French.")] },
    ],
  );
});

messages("joins text that stands together, and leaves images in their place", () => {
  const data = new Uint8Array([1, 2]);
  assert.equal(
    encoded({ role: "user", content: [text("a"), text("b"), { type: "image", mediaType: "image/jpg", data }, text("c")] }),
    [{ role: "user", parts: [textPart("ab"), ["DataPart", { data: { 0: 1, 1: 2 }, mimeType: "image/jpeg" }], textPart("c")] }],
  );
});

messages("puts the results of parallel tool calls into one message of the user", () => {
  assert.equal(
    encoded(
      { role: "assistant", content: [text("Let me "), text("see.")], toolCalls: [{ id: "1", name: "add", argumentsText: '{"a":1}' }, { id: "2", name: "now", argumentsText: "" }] },
      { role: "tool", toolCallId: "1", content: [text("2")] },
      { role: "tool", toolCallId: "2", content: [text("noon")] },
      { role: "user", content: [text("And?")] },
    ),
    [
      { role: "assistant", parts: [textPart("Let me see."), ["ToolCallPart", { callId: "1", name: "add", input: { a: 1 } }], ["ToolCallPart", { callId: "2", name: "now", input: {} }]] },
      { role: "user", parts: [["ToolResultPart", { callId: "1", content: [{ value: "2" }] }], ["ToolResultPart", { callId: "2", content: [{ value: "noon" }] }]] },
      { role: "user", parts: [textPart("And?")] },
    ],
  );
});

messages("gives arguments that are no object back to the model in one", () => {
  const call = (argumentsText: string): unknown =>
    encodeMessages([{ role: "assistant", content: [], toolCalls: [{ id: "1", name: "f", argumentsText }] }], api)[0]?.content.map(plain);
  assert.equal(call("{broken"), [{ callId: "1", name: "f", input: { arguments: "{broken" } }]);
  assert.equal(call("[1]"), [{ callId: "1", name: "f", input: { arguments: [1] } }]);
});

messages("leaves out an assistant that said nothing, and keeps a user that did", () => {
  assert.equal(
    encoded({ role: "user", content: [] }, { role: "assistant", content: [text("")], toolCalls: [] }),
    [{ role: "user", parts: [textPart("")] }],
  );
});

messages("refuses images where VS Code has no part for them", () => {
  const { LanguageModelDataPart: _, ...older } = api;
  assert.throws(() => encodeMessages([{ role: "user", content: [{ type: "image", mediaType: "image/png", data: new Uint8Array() }] }], older), /takes no images/);
});

messages.run();

const request = (fields: Partial<ChatRequest>): ChatRequest => ({
  model: "m", messages: [], tools: [], toolChoice: "auto", sampling: {}, ignoredOptions: [], ...fields,
});

const add = { name: "add", description: "Adds", inputSchema: { type: "object" } } as const;
const now = { name: "now" };

const options = suite("vscode/encode-options");

options("names every option as OpenAI does, and warns of those that Copilot may drop", () => {
  const asked = request({ sampling: { temperature: 0.1, topP: 0.5, frequencyPenalty: 1, presencePenalty: 2, seed: 7 }, maxOutputTokens: 9, ignoredOptions: ["verbosity"] });
  const result = encodeOptions(asked, "copilot", api);
  assert.equal(result.options.modelOptions, { temperature: 0.1, top_p: 0.5, frequency_penalty: 1, presence_penalty: 2, max_tokens: 9, seed: 7 });
  assert.equal(result.warnings, ["copilot may ignore top_p", "copilot may ignore seed", "verbosity is not passed on"]);
  assert.equal(encodeOptions(asked, "acme", api).warnings, ["verbosity is not passed on"]);
});

options("sends nothing that was not asked for, but the reason for the user's consent", () => {
  const result = encodeOptions(request({}), "copilot", api);
  assert.equal(Object.keys(result.options), ["justification"]);
  assert.equal(result.warnings, []);
});

options("says that strict schemas of tools are nobody's to keep", () => {
  assert.equal(encodeOptions(request({ tools: [{ ...add, isStrict: true }] }), "copilot", api).warnings, ["strict of tools is not passed on"]);
  assert.equal(encodeOptions(request({ tools: [{ ...add, isStrict: true }], toolChoice: "none" }), "copilot", api).warnings, []);
});

options("offers tools as they are", () => {
  assert.equal(encodeOptions(request({ tools: [add, now] }), "copilot", api).options.tools, [
    { name: "add", description: "Adds", inputSchema: { type: "object" } },
    { name: "now", description: "" },
  ]);
});

const toolsOf = (toolChoice: ChatRequest["toolChoice"], tools: ChatRequest["tools"] = [add, now]): unknown => {
  const result = encodeOptions(request({ tools, toolChoice }), "copilot", api);
  return { tools: result.options.tools?.map(({ name }) => name), mode: result.options.toolMode, warnings: result.warnings.length };
};

options("sends a chosen tool alone and forced, and none where none is wanted", () => {
  assert.equal(toolsOf("auto"), { tools: ["add", "now"], mode: 1, warnings: 0 });
  assert.equal(toolsOf({ name: "now" }), { tools: ["now"], mode: 2, warnings: 0 });
  assert.equal(toolsOf("none"), { tools: undefined, mode: undefined, warnings: 0 });
});

options("forces a call where there is one tool, and says so where it cannot", () => {
  assert.equal(toolsOf("required", [add]), { tools: ["add"], mode: 2, warnings: 0 });
  assert.equal(toolsOf("required"), { tools: ["add", "now"], mode: 1, warnings: 1 });
});

options("refuses a choice that no tool can answer", () => {
  assert.throws(() => toolsOf({ name: "missing" }), (error: { status: number; param: string }) => error.status === 400 && error.param === "tool_choice");
  assert.throws(() => toolsOf("required", []), (error: { status: number; param: string }) => error.status === 400 && error.param === "tool_choice");
});

options.run();
