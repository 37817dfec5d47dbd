// What is sent to an upstream is read by our own decoder for the same protocol: both ways mean the same, or one of them is wrong.
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { AssistantMessage, ChatRequest, ContentPart, ImageContent, Message, TextContent, Tool } from "../../../src/chat/request.ts";
import { encodeRequest } from "../../../src/models/openai-upstream/encode-request.ts";
import { decodeRequest } from "../../../src/protocols/openai-chat/decode-request.ts";
import { requestOf } from "../../support/played-call.ts";

const png = Buffer.from("89504e470d0a1a0a", "hex");

const words = fc.string({ unit: "binary", maxLength: 12 });
const name = fc.stringMatching(/^[a-z_.]{1,8}$/);
const text: fc.Arbitrary<TextContent> = words.map((value) => ({ type: "text", text: value }));
const image: fc.Arbitrary<ImageContent> = fc.uint8Array({ maxLength: 8 }).map((data) => ({ type: "image", mediaType: "image/png", data: Buffer.concat([png, data]) }));
const texts = fc.array(text, { minLength: 1, maxLength: 3 });
const parts: fc.Arbitrary<readonly ContentPart[]> = fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 4 });
const call = fc.record({ id: name, name, argumentsText: fc.oneof(fc.json(), words) }, { noNullPrototype: true });

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant("system" as const), content: texts }, { noNullPrototype: true }),
  fc.record({ role: fc.constant("user" as const), content: parts, name }, { requiredKeys: ["role", "content"], noNullPrototype: true }),
  fc.record({ role: fc.constant("assistant" as const), content: fc.oneof(texts, fc.constant([])), toolCalls: fc.array(call, { maxLength: 3 }) }, { noNullPrototype: true }) as fc.Arbitrary<AssistantMessage>,
  fc.record({ role: fc.constant("tool" as const), toolCallId: name, content: parts }, { noNullPrototype: true }),
);

const tool: fc.Arbitrary<Tool> = fc.record(
  { name, description: words, inputSchema: fc.constantFrom({ type: "object" }, {}), isStrict: fc.boolean() },
  { requiredKeys: ["name"], noNullPrototype: true },
);

const request: fc.Arbitrary<ChatRequest> = fc.record(
  {
    messages: fc.array(message, { minLength: 1, maxLength: 6 }),
    tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
    toolChoice: fc.constantFrom("auto" as const, "none" as const, "required" as const),
    singleToolCall: fc.constant(true as const),
    maxOutputTokens: fc.integer({ min: 1, max: 9999 }),
    stopSequences: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
    responseFormat: fc.constantFrom({ type: "json" as const }, { type: "json-schema" as const, name: "x", description: "y", schema: { type: "object" }, isStrict: true }),
    sampling: fc.record({ temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0), seed: fc.integer() }, { requiredKeys: [], noNullPrototype: true }),
  },
  { requiredKeys: ["messages", "tools", "toolChoice", "sampling"], noNullPrototype: true },
).map((changes) => requestOf(changes));

/** Texts that follow one another as one: that is how they are sent, and what they mean. */
const joined = ({ messages, ...rest }: ChatRequest): unknown => ({
  ...rest,
  messages: messages.map(({ content, ...facts }) => {
    const whole: ContentPart[] = [];
    for (const part of content) {
      const last = whole.at(-1);
      if (part.type === "text" && last?.type === "text") whole.splice(-1, 1, { type: "text", text: last.text + part.text });
      else whole.push(part.type === "image" ? { ...part, data: Buffer.from(part.data) } : part);
    }
    return { ...facts, content: whole };
  }),
});

const cases = suite("models/openai-upstream/round-trip");

cases("any request that is sent to an upstream means there what it meant here", () => {
  fc.assert(fc.property(request, (sent) => {
    const read = decodeRequest(JSON.parse(encodeRequest(sent, "m")));
    assert.is(read.isStreamed, true);
    assert.is(read.options.includesUsage, true);
    assert.equal(joined({ ...read.chat, model: sent.model }), joined(sent));
  }), { numRuns: 500 });
});

cases.run();
