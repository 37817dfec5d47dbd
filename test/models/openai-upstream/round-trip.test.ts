// What is sent to an upstream is read by our own decoder for the same protocol: both ways mean the same, or one of them is wrong.
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ChatRequest, Tool } from "../../../src/chat/request.ts";
import { encodeRequest } from "../../../src/models/openai-upstream/encode-request.ts";
import { decodeRequest } from "../../../src/protocols/openai-chat/decode-request.ts";
import { joinTexts, message, name, words } from "../../support/conversations.ts";
import { requestOf } from "../../support/played-call.ts";

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

const joined = ({ messages, ...rest }: ChatRequest): unknown => ({ ...rest, messages: messages.map((one) => ({ ...one, content: joinTexts(one.content) })) });

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
