import * as fc from "fast-check";
import type { AssistantMessage, ContentPart, ImageContent, Message, TextContent } from "../../src/chat/request.ts";

/** Any conversations, in the neutral language; for properties. */

const png = Buffer.from("89504e470d0a1a0a", "hex");

export const words = fc.string({ unit: "binary", maxLength: 12 });
export const name = fc.stringMatching(/^[a-z_.]{1,8}$/);
const text: fc.Arbitrary<TextContent> = words.map((value) => ({ type: "text", text: value }));
const image: fc.Arbitrary<ImageContent> = fc.uint8Array({ maxLength: 8 }).map((data) => ({ type: "image", mediaType: "image/png", data: Buffer.concat([png, data]) }));
const texts = fc.array(text, { minLength: 1, maxLength: 3 });
const parts: fc.Arbitrary<readonly ContentPart[]> = fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 4 });
const call = fc.record({ id: name, name, argumentsText: fc.oneof(fc.json(), words) }, { noNullPrototype: true });

export const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant("system" as const), content: texts }, { noNullPrototype: true }),
  fc.record({ role: fc.constant("user" as const), content: parts, name }, { requiredKeys: ["role", "content"], noNullPrototype: true }),
  fc.record({ role: fc.constant("assistant" as const), content: fc.oneof(texts, fc.constant([])), toolCalls: fc.array(call, { maxLength: 3 }) }, { noNullPrototype: true }) as fc.Arbitrary<AssistantMessage>,
  fc.record({ role: fc.constant("tool" as const), toolCallId: name, content: parts }, { noNullPrototype: true }),
);

/** The same content with texts that follow one another as one: that is how it is sent, and what it means. */
export const joinTexts = (content: readonly ContentPart[]): readonly ContentPart[] => {
  const whole: ContentPart[] = [];
  for (const part of content) {
    const last = whole.at(-1);
    if (part.type === "text" && last?.type === "text") whole.splice(-1, 1, { type: "text", text: last.text + part.text });
    else whole.push(part.type === "image" ? { ...part, data: Buffer.from(part.data) } : part);
  }
  return whole;
};
