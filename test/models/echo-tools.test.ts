import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ChatRequest, Message, Tool } from "../../src/chat/request.ts";
import { plannedToolCall } from "../../src/models/echo-tools.ts";

const now: Tool = { name: "now", inputSchema: { type: "object", properties: { zone: { type: "string", minLength: 3 } }, required: ["zone"] } };
const ring: Tool = { name: "ring" };

const planned = (text: string, changes: Partial<ChatRequest> = {}): ReturnType<typeof plannedToolCall> => plannedToolCall({
  model: "echo",
  messages: [{ role: "user", content: [{ type: "text", text }] }],
  tools: [ring, now],
  toolChoice: "auto",
  sampling: {},
  ignoredOptions: [],
  ...changes,
});

const tools = suite("models/echo-tools");

tools("answers in words where nothing asks for a call", () => {
  assert.is(planned("hello"), undefined);
});

tools("calls what CALLTOOL names, with the arguments as written", () => {
  assert.equal(planned("CALLTOOL now {\"zone\":\n \"utc\"} "), { id: "call_1", name: "now", argumentsText: "{\"zone\":\n \"utc\"}" });
  assert.equal(planned("CALLTOOL ring"), { id: "call_1", name: "ring", argumentsText: "{}" });
});

tools("takes CALLTOOL for words where the tool is not offered, or more follows", () => {
  assert.is(planned("CALLTOOL nope {}"), undefined);
  assert.is(planned("CALLTOOL now please"), undefined);
  assert.is(planned("Please CALLTOOL now {}"), undefined);
  assert.is(planned("CALLTOOL now {}", { tools: [] }), undefined);
});

tools("calls no tool where tool_choice is none", () => {
  assert.is(planned("CALLTOOL now {}", { toolChoice: "none" }), undefined);
});

tools("calls the first tool where one is required, the named one where it is named", () => {
  assert.equal(planned("hello", { toolChoice: "required" }), { id: "call_1", name: "ring", argumentsText: "{}" });
  assert.equal(planned("hello", { toolChoice: { name: "now" } }), { id: "call_1", name: "now", argumentsText: '{"zone":"xxx"}' });
});

tools("answers in words once the result has come, so that a conversation ends", () => {
  const messages: readonly Message[] = [
    { role: "user", content: [{ type: "text", text: "CALLTOOL now {}" }] },
    { role: "assistant", content: [], toolCalls: [{ id: "call_1", name: "now", argumentsText: "{}" }] },
    { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "12:00" }] },
  ];
  assert.is(planned("", { messages, toolChoice: "required" }), undefined);
});

tools.run();
