import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Batch } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import type { Message, Tool } from "../../src/chat/request.ts";
import { finish, playAnswers, requestOf, text, toolCall } from "../support/played-call.ts";
import { emulated, errorOf, partsOf } from "./emulated.ts";

const tools: readonly Tool[] = [{ name: "read", description: "Reads." }, { name: "write" }];

const single = suite("emulation/single-tool-call");

single("the first call passes, also where two have one id and where they are mixed", async () => {
  const first = toolCall("1", "read", '{"a":1}');
  const [start, delta, end] = first;
  const [otherStart, otherDelta, otherEnd] = toolCall("2", "write");
  assert.ok(start && delta && end && otherStart && otherDelta && otherEnd);
  for (const answer of [[...first, ...toolCall("1", "read")], [...first, ...toolCall("2", "write")], [start, otherStart, otherDelta, delta, otherEnd, end]]) {
    const parts = await partsOf(emulated(playAnswers([answer, [finish("tool-calls")]]).call), { tools, singleToolCall: true });
    assert.equal(parts, [...first, finish("tool-calls")]);
  }
});

single.run();

const required = suite("emulation/required-tool");

required("a call that is made comes at once, with the words before it; the model was told", async () => {
  const played = playAnswers([[text("Let me see.")], toolCall("1", "read"), [finish("tool-calls")]]);
  const parts = await partsOf(emulated(played.call), { tools, toolChoice: "required" });
  assert.equal(parts, [text("Let me see."), ...toolCall("1", "read"), finish("tool-calls")]);
  assert.is(played.requests[0]?.toolChoice, "auto");
  assert.is(played.requests[0]?.messages[0]?.role, "system");
});

required("words alone are dropped: the model has to choose a tool, then to call it", async () => {
  const played = playAnswers(
    [[text("I would rather talk."), finish()]],
    [toolCall("1", "choose_tool", '{"name":"write"}'), [finish("tool-calls")]],
    [toolCall("2", "write", '{"x":1}'), [finish("tool-calls")]],
  );
  const parts = await partsOf(emulated(played.call), { tools, toolChoice: "required" });
  assert.equal(parts, [...toolCall("2", "write", '{"x":1}'), { type: "finish", finishReason: "tool-calls", usage: { inputTokens: 9, outputTokens: 6 } }]);
  const [, choosing, calling] = played.requests;
  assert.equal(choosing?.toolChoice, { name: "choose_tool" });
  assert.is(choosing?.tools.length, 1);
  assert.equal(calling?.toolChoice, { name: "write" });
  assert.equal(calling?.messages, requestOf().messages);
});

required("no choice is an error that names the model", async () => {
  for (const answer of [[text("No."), finish()], [...toolCall("1", "choose_tool", '{"name":"delete"}'), finish("tool-calls")], [...toolCall("1", "choose_tool", "{"), finish("tool-calls")]]) {
    const error = await errorOf(partsOf(emulated(playAnswers([[text("No."), finish()]], [answer]).call), { tools, toolChoice: "required" }));
    assert.is(error.status, 502);
    assert.is(error.isRetryable, false);
    assert.match(error.message, "test/model called none of the tools");
  }
});

required("an answer that a limit ended is not asked for again", async () => {
  const played = playAnswers([[text("So"), finish("length")]]);
  assert.equal(await partsOf(emulated(played.call), { tools, toolChoice: "required" }), [text("So"), finish("length")]);
});

required("a single tool is the host's to force, as it is", async () => {
  const played = playAnswers([[...toolCall("1", "read"), finish("tool-calls")]]);
  await partsOf(emulated(played.call), { tools: tools.slice(0, 1), toolChoice: "required" });
  assert.is(played.requests[0]?.toolChoice, "required");
  assert.equal(played.requests[0]?.messages, requestOf().messages);
});

required("a host that does not force it is told once that there must be a call, and then it is an error", async () => {
  for (const request of [{ tools: tools.slice(0, 1), toolChoice: "required" as const }, { tools, toolChoice: { name: "read" } }]) {
    const played = playAnswers([[text("No."), finish()]], [toolCall("1", "read"), [finish("tool-calls")]]);
    const parts = await partsOf(emulated(played.call), request);
    assert.equal(parts, [...toolCall("1", "read"), { type: "finish", finishReason: "tool-calls", usage: { inputTokens: 6, outputTokens: 4 } }]);
    assert.equal(played.requests.map(({ toolChoice }) => toolChoice), [request.toolChoice, request.toolChoice]);
    assert.is(played.requests[1]?.messages[0]?.role, "system");
    assert.is((await errorOf(partsOf(emulated(playAnswers([[text("No."), finish()]], [[text("No!"), finish()]]).call), request))).status, 502);
  }
});

required("words in place of the call that was chosen are an error too", async () => {
  const played = playAnswers([[text("No."), finish()]], [toolCall("1", "choose_tool", '{"name":"write"}'), [finish("tool-calls")]], [[text("No!")], [finish()]]);
  const error = await errorOf(partsOf(emulated(played.call), { tools, toolChoice: "required" }));
  assert.is(error.status, 502);
  assert.match(error.message, "test/model called none of the tools");
});

required("a call of another tool than the named one is none, and is left out beside it", async () => {
  const request = { tools, toolChoice: { name: "read" } };
  const other: readonly Batch[] = [toolCall("1", "write"), [finish("tool-calls")]];
  assert.is((await errorOf(partsOf(emulated(playAnswers(other, other).call), request))).status, 502);
  const played = playAnswers(other, [[...toolCall("1", "write"), ...toolCall("1", "read")], [...toolCall("2", "write"), finish("tool-calls")]]);
  assert.equal(await partsOf(emulated(played.call), request), [...toolCall("1", "read"), { type: "finish", finishReason: "tool-calls", usage: { inputTokens: 6, outputTokens: 4 } }]);
  assert.match(JSON.stringify(played.requests[1]?.messages[0]), "The tool to call is read.");
});

required("a refusal is not asked for again", async () => {
  const answer: readonly StreamPart[] = [{ type: "refusal-delta", text: "I will not." }, finish()];
  assert.equal(await partsOf(emulated(playAnswers([answer]).call), { tools, toolChoice: "required" }), answer);
});

required("a host that takes every tool_choice itself gets it as it is, and its answer is looked at", async () => {
  for (const toolChoice of ["required" as const, { name: "read" }]) {
    const kept = playAnswers([toolCall("1", "read"), [finish("tool-calls")]]);
    assert.equal(await partsOf(emulated(kept.call, ["required-of-many-tools"]), { tools, toolChoice }), [...toolCall("1", "read"), finish("tool-calls")]);
    assert.equal(kept.requests, [requestOf({ tools, toolChoice })]);
    const words = [[text("No."), finish()]];
    const mended = playAnswers(words, [toolCall("1", "read"), [finish("tool-calls")]]);
    assert.equal((await partsOf(emulated(mended.call, ["required-of-many-tools"]), { tools, toolChoice })).slice(0, 3), toolCall("1", "read"));
    assert.equal(mended.requests.map((request) => request.toolChoice), [toolChoice, toolChoice]);
    assert.is((await errorOf(partsOf(emulated(playAnswers(words, words).call, ["required-of-many-tools"]), { tools, toolChoice }))).status, 502);
  }
});

required("none keeps calls out of the answer, and their reason, whatever the host claims", async () => {
  for (const abilities of [[], ["required-of-many-tools"]] as const) {
    const played = playAnswers([[text("So: "), ...toolCall("1", "read")], [finish("tool-calls")]]);
    assert.equal(await partsOf(emulated(played.call, abilities), { tools, toolChoice: "none" }), [text("So: "), finish()]);
  }
});

required.run();

const names = suite("emulation/tool-names");

names("names that providers refuse are others there, and the client's own again in the answer", async () => {
  const messages: readonly Message[] = [
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    { role: "assistant", content: [], toolCalls: [{ id: "0", name: "fs.read", argumentsText: "{}" }, { id: "1", name: "gone.tool", argumentsText: "{}" }] },
  ];
  const played = playAnswers([[...toolCall("2", "fs_read_2"), ...toolCall("3", "fs_read"), ...toolCall("4", "invented"), finish("tool-calls")]]);
  const offered: readonly Tool[] = [{ name: "fs.read" }, { name: "fs_read" }, { name: "1st" }];
  const parts = await partsOf(emulated(played.call), { messages, tools: offered });
  assert.equal(parts, [...toolCall("2", "fs.read"), ...toolCall("3", "fs_read"), ...toolCall("4", "invented"), finish("tool-calls")]);
  const [request] = played.requests;
  assert.equal(request?.tools, [{ name: "fs_read_2" }, { name: "fs_read" }, { name: "_1st" }]);
  assert.equal(request?.messages[1], { role: "assistant", content: [], toolCalls: [{ id: "0", name: "fs_read_2", argumentsText: "{}" }, { id: "1", name: "gone_tool", argumentsText: "{}" }] });
});

names("the one that is chosen by its name is chosen by the other name, and its call is known as the one", async () => {
  const played = playAnswers([[...toolCall("1", "fs_read"), finish("tool-calls")]]);
  const parts = await partsOf(emulated(played.call), { tools: [{ name: "fs.read" }], toolChoice: { name: "fs.read" } });
  assert.equal(parts, [...toolCall("1", "fs.read"), finish("tool-calls")]);
  assert.equal(played.requests[0]?.toolChoice, { name: "fs_read" });
});

names("calls of earlier turns have acceptable names too, where no tool is offered any more", async () => {
  const messages: readonly Message[] = [{ role: "assistant", content: [], toolCalls: [{ id: "0", name: "fs.read", argumentsText: "{}" }] }, { role: "tool", toolCallId: "0", content: [] }];
  const played = playAnswers([[finish()]]);
  await partsOf(emulated(played.call), { messages });
  assert.equal(played.requests[0]?.messages[0], { role: "assistant", content: [], toolCalls: [{ id: "0", name: "fs_read", argumentsText: "{}" }] });
});

names("any names become acceptable and different ones, and every call comes back under its own", async () => {
  const name = fc.oneof(fc.string({ minLength: 1, maxLength: 5 }), fc.constantFrom("a.b", "a_b", "a b", "x".repeat(70), "x".repeat(80)));
  await fc.assert(fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 12 }), async (wanted) => {
    const asked = playAnswers([[finish()]]);
    await partsOf(emulated(asked.call), { tools: wanted.map((one) => ({ name: one })) });
    const safe = asked.requests[0]?.tools.map((tool) => tool.name) ?? [];
    for (const one of safe) assert.match(one, /^[A-Za-z_][\w-]{0,63}$/);
    assert.is(new Set(safe).size, wanted.length);
    const answer = safe.flatMap((one, index) => toolCall(`${index}`, one));
    const parts = await partsOf(emulated(playAnswers([[...answer, finish()]]).call), { tools: wanted.map((one) => ({ name: one })) });
    assert.equal(parts.flatMap((part) => (part.type === "tool-call-start" ? [part.name] : [])), wanted);
  }));
});

names.run();

const many = suite("emulation/many-tools");

many("128 tools are passed on, those in use first, and the others are named", async () => {
  const list = Array.from({ length: 131 }, (_, index) => ({ name: `t${index}` }));
  const played = playAnswers([[text("x"), finish()]]);
  const messages: readonly Message[] = [{ role: "assistant", content: [], toolCalls: [{ id: "0", name: "t130", argumentsText: "{}" }] }];
  const parts = await partsOf(emulated(played.call), { messages, tools: list });
  assert.equal(parts[0], { type: "warning", message: "3 of 131 tools are not passed on, a model takes 128: t127, t128, t129" });
  const passed = played.requests[0]?.tools.map(({ name }) => name) ?? [];
  assert.is(passed.length, 128);
  assert.equal(passed.slice(-3), ["t125", "t126", "t130"]);
});

many("the one that is chosen by its name is passed on whatever the others, and nothing is said of them", async () => {
  const list = Array.from({ length: 131 }, (_, index) => ({ name: `t${index}` }));
  const played = playAnswers([[...toolCall("1", "t130"), finish("tool-calls")]]);
  assert.equal(await partsOf(emulated(played.call), { tools: list, toolChoice: { name: "t130" } }), [...toolCall("1", "t130"), finish("tool-calls")]);
});

many.run();
