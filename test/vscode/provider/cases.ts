import { data, fail, pause, text, thinking, toolCall, usage, wait, type Step } from "../support/script.ts";
import type { ModelCall } from "../support/models.ts";
import type { Outcome } from "./outcome.ts";

/**
 * What a client asks, what a provider of models does, and what the client gets of it. Every case is played against the double,
 * in windows of the oldest and the newest VS Code, and, where a server can do the same, through Copilot: they must all agree.
 */
export interface ProviderCase {
  readonly title: string;
  /** Beside the model's name; whole and streamed are asked for both. */
  readonly request: { readonly messages: readonly object[] } & Readonly<Record<string, unknown>>;
  /** What the provider does each time it is asked, in order; the last one from then on. */
  readonly scripts: readonly (readonly Step[])[];
  readonly outcome: Outcome;
  /** What the provider is asked the first time. */
  readonly asked?: Partial<Pick<ModelCall, "messages" | "tools" | "toolMode" | "modelOptions">>;
  /** Through Copilot: it comes out alike unless this says why not. */
  readonly notCopilot?: string;
}

const hello = { messages: [{ role: "user", content: "Hello" }] };
const saysSo = "a server has no such error or part";

const toolOf = (name: string): object => ({ type: "function", function: { name, description: "Does it.", parameters: schema } });
const schema = { type: "object", properties: { at: { type: "number" } } };
const offered = (name: string) => ({ name, description: "Does it.", inputSchema: schema });
const called = (id: string, name: string, argumentsText: string) => ({ id, name, argumentsText });
const numbers = Array.from({ length: 100 }, (_, index) => `${index} `);
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const stopped = (words: string, tokens: Outcome["usage"] = [3, 2]): Outcome => ({ choices: [{ text: words, finishReason: "stop" }], usage: tokens });

export const providerCases: readonly ProviderCase[] = [
  {
    title: "an answer whose usage nobody tells is counted",
    request: hello,
    scripts: [[text("one two")]],
    outcome: stopped("one two", "counted"),
  },
  {
    title: "text, with the usage that the provider tells",
    request: hello,
    scripts: [[text("Hel"), text("lo"), usage(3, 2)]],
    outcome: stopped("Hello"),
    asked: { messages: [{ role: "user", content: [{ text: "Hello" }] }], tools: [] },
  },
  {
    title: "text in more parts than travel at once",
    request: hello,
    // Not the same word again and again: Copilot makes an error of that.
    scripts: [[...numbers.map((number) => text(number)), usage(3, 2)]],
    outcome: stopped(numbers.join("")),
  },
  {
    title: "a character that is cut in two",
    request: hello,
    scripts: [[text("a\ud83d"), text("\ude00b"), usage(3, 2)]],
    outcome: stopped("a😀b"),
  },
  {
    title: "thoughts",
    request: hello,
    scripts: [[thinking("hm"), text("Hello"), usage(3, 2)]],
    outcome: { choices: [{ text: "Hello", reasoning: "hm", finishReason: "stop" }], usage: [3, 2] },
  },
  {
    title: "empty text, and a provider's notes to itself",
    request: hello,
    scripts: [[text(""), data("stateful_marker", "c2VjcmV0"), text("Hello"), usage(3, 2)]],
    outcome: stopped("Hello"),
    notCopilot: saysSo,
  },
  {
    title: "parallel calls of a tool",
    request: { ...hello, tools: [toolOf("look")] },
    scripts: [[toolCall("call_1", "look", { at: 1 }), toolCall("call_2", "look", {}), usage(3, 2)]],
    outcome: {
      choices: [{ text: "", toolCalls: [called("call_1", "look", '{"at":1}'), called("call_2", "look", "{}")], finishReason: "tool_calls" }],
      usage: [3, 2],
    },
    asked: { tools: [offered("look")], toolMode: "auto" },
  },
  {
    title: "a conversation with tools, its ids kept and its results together",
    request: {
      messages: [
        { role: "system", content: "Be brief." },
        { role: "developer", content: [{ type: "text", text: "In " }, { type: "text", text: "French." }] },
        { role: "user", content: [{ type: "text", text: "Look" }, { type: "text", text: " twice." }] },
        {
          role: "assistant",
          content: [{ type: "text", text: "I " }, { type: "text", text: "look." }],
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":1}' } },
            { id: "call_2", type: "function", function: { name: "look", arguments: "" } },
          ],
        },
        { role: "tool", tool_call_id: "call_2", content: [{ type: "text", text: "two" }] },
        { role: "tool", tool_call_id: "call_1", content: "one" },
        { role: "user", content: "And?" },
      ],
      tools: [toolOf("look")],
    },
    scripts: [[text("Both."), usage(3, 2)]],
    outcome: stopped("Both."),
    asked: {
      messages: [
        { role: "user", content: [{ text: "Be brief." }] },
        { role: "user", content: [{ text: "In French." }] },
        { role: "user", content: [{ text: "Look twice." }] },
        { role: "assistant", content: [{ text: "I look." }, { toolCall: { id: "call_1", name: "look", input: { at: 1 } } }, { toolCall: { id: "call_2", name: "look", input: {} } }] },
        { role: "user", content: [{ toolResult: { id: "call_2", content: [{ text: "two" }] } }, { toolResult: { id: "call_1", content: [{ text: "one" }] } }] },
        { role: "user", content: [{ text: "And?" }] },
      ],
    },
  },
  {
    title: "an image in the user's words, and one in a tool's result",
    request: {
      messages: [
        { role: "user", content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }] },
        { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }] },
        { role: "tool", tool_call_id: "call_1", content: [{ type: "text", text: "seen" }, { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }] },
      ],
      tools: [toolOf("look")],
    },
    scripts: [[text("A dot."), usage(3, 2)]],
    outcome: stopped("A dot."),
    asked: {
      messages: [
        { role: "user", content: [{ data: { mimeType: "image/png", base64: png } }] },
        { role: "assistant", content: [{ toolCall: { id: "call_1", name: "look", input: {} } }] },
        { role: "user", content: [{ toolResult: { id: "call_1", content: [{ text: "seen" }, { data: { mimeType: "image/png", base64: png } }] } }] },
      ],
    },
  },
  {
    title: "tool_choice by name: that tool alone, and it must be called",
    request: { ...hello, tools: [toolOf("look"), toolOf("see")], tool_choice: { type: "function", function: { name: "see" } } },
    scripts: [[toolCall("call_1", "see", {}), usage(3, 2)]],
    outcome: { choices: [{ text: "", toolCalls: [called("call_1", "see", "{}")], finishReason: "tool_calls" }], usage: [3, 2] },
    asked: { tools: [offered("see")], toolMode: "required" },
  },
  {
    title: "tool_choice none: no tool is offered",
    request: { ...hello, tools: [toolOf("look")], tool_choice: "none" },
    scripts: [[text("Hello"), usage(3, 2)]],
    outcome: stopped("Hello"),
    asked: { tools: [] },
  },
  {
    title: "tool_choice required among several: asked again where the provider has only talked",
    request: { ...hello, tools: [toolOf("look"), toolOf("see")], tool_choice: "required" },
    scripts: [[text("I could look."), usage(3, 2)], [toolCall("call_0", "choose_tool", { name: "look" }), usage(3, 2)], [toolCall("call_1", "look", {}), usage(3, 2)]],
    outcome: { choices: [{ text: "", toolCalls: [called("call_1", "look", "{}")], finishReason: "tool_calls" }], usage: [9, 6] },
  },
  {
    title: "tools of names that no provider takes, and more of them than it takes",
    request: { ...hello, tools: [toolOf("files.read"), toolOf("files read"), ...Array.from({ length: 130 }, (_, index) => toolOf(`tool_${index}`))] },
    scripts: [[toolCall("call_1", "files_read", {}), usage(3, 2)]],
    outcome: { choices: [{ text: "", toolCalls: [called("call_1", "files.read", "{}")], finishReason: "tool_calls" }], usage: [3, 2] },
    asked: { tools: [offered("files_read"), offered("files_read_2"), ...Array.from({ length: 126 }, (_, index) => offered(`tool_${index}`))] },
  },
  {
    title: "stop sequences, wherever the parts are cut",
    request: { ...hello, stop: ["lo w", "never"] },
    scripts: [[text("Hel"), text("lo"), text(" world"), usage(3, 2)]],
    outcome: stopped("Hel", "counted"),
  },
  {
    title: "several choices",
    request: { ...hello, n: 2 },
    scripts: [[text("Hello"), usage(3, 2)]],
    outcome: { choices: [{ text: "Hello", finishReason: "stop" }, { text: "Hello", finishReason: "stop" }], usage: [6, 4] },
  },
  {
    title: "JSON of a schema, asked for once more",
    request: { ...hello, response_format: { type: "json_schema", json_schema: { name: "place", schema: { type: "object", required: ["at"] } } } },
    scripts: [[text("Here: {}"), usage(3, 2)], [text('{"at": 1}'), usage(3, 2)]],
    outcome: stopped('{"at": 1}', [6, 4]),
  },
  {
    title: "options",
    request: { ...hello, temperature: 0.5, frequency_penalty: 0.1, presence_penalty: 0.2 },
    scripts: [[text("Hello"), usage(3, 2)]],
    outcome: stopped("Hello"),
    asked: { modelOptions: { temperature: 0.5, frequency_penalty: 0.1, presence_penalty: 0.2 } },
  },
  {
    title: "a provider that asks for fewer requests",
    request: hello,
    scripts: [[fail("plain", "Rate limit exceeded\n\n{}", { name: "ChatRateLimited" })]],
    outcome: { status: 429, code: "rate_limit_exceeded" },
    notCopilot: saysSo,
  },
  {
    title: "a quota that is used up",
    request: hello,
    scripts: [[fail("plain", "You have used it up.", { name: "ChatQuotaExceeded" })]],
    outcome: { status: 402, code: "insufficient_quota" },
    notCopilot: saysSo,
  },
  {
    title: "an extension that is blocked",
    request: hello,
    scripts: [[fail("blocked", "Too many requests.")]],
    outcome: { status: 429, code: "rate_limit_exceeded" },
    notCopilot: saysSo,
  },
  {
    title: "a model that is gone",
    request: hello,
    scripts: [[fail("not-found", "No such model.")]],
    outcome: { status: 503, code: "model_unavailable" },
    notCopilot: saysSo,
  },
  {
    title: "a filter before the first part",
    request: hello,
    scripts: [[fail("plain", "Response got filtered.")]],
    outcome: { status: 400, code: "content_filter" },
    notCopilot: saysSo,
  },
  {
    title: "a filter in the middle",
    request: hello,
    scripts: [[text("Hel"), wait(100), fail("plain", "Response got filtered.")]],
    outcome: { choices: [{ text: "Hel", finishReason: "content_filter" }], usage: "counted" },
    notCopilot: saysSo,
  },
  {
    title: "an answer that became too long, as older versions of Copilot tell it",
    request: hello,
    scripts: [[text("Hel"), wait(100), fail("plain", "Response too long.")]],
    outcome: { choices: [{ text: "Hel", finishReason: "length" }], usage: "counted" },
    notCopilot: saysSo,
  },
  {
    title: "parts of the moment before an error never arrive, and so it is the error of an answer that has not begun",
    request: hello,
    scripts: [[text("lost"), fail("plain", "Server error: 500")]],
    outcome: { status: 500, code: "upstream_error" },
    notCopilot: saysSo,
  },
  {
    title: "an error in the middle",
    request: hello,
    scripts: [[text("Hel"), wait(100), fail("plain", "Stream closed prematurely")]],
    outcome: { status: 502, code: "upstream_error", after: "Hel" },
    notCopilot: saysSo,
  },
  {
    title: "a thrown string, which arrives without a word",
    request: hello,
    scripts: [[fail("string", "just so")]],
    outcome: { status: 502, code: "upstream_error" },
    notCopilot: saysSo,
  },
  {
    title: "an answer without a single part",
    request: hello,
    scripts: [[]],
    outcome: { status: 502, code: "upstream_error" },
    notCopilot: "its words for it are an error",
  },
];

/** For a client that leaves after the first words. */
export const endless: readonly Step[] = [text("one"), pause()];
