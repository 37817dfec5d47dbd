// What a provider of models is told is read back here: it must mean what the client said, whatever that was.
import type * as vscode from "vscode";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ContentPart, JsonValue, Message, ToolCall } from "../../src/chat/request.ts";
import { encodeMessages } from "../../src/vscode/encode-messages.ts";
import { joinTexts, message } from "../support/conversations.ts";
import { createEditorModels } from "../support/editor-models.ts";

const { api } = createEditorModels();

type Part = { readonly value?: string; readonly data?: Uint8Array; readonly mimeType?: string; readonly callId?: string; readonly name?: string; readonly input?: JsonValue; readonly content?: readonly unknown[] };

const readContent = (parts: readonly unknown[]): readonly ContentPart[] =>
  (parts as readonly Part[]).filter(({ callId }) => callId === undefined).map(({ value, data, mimeType = "" }) =>
    (data === undefined ? { type: "text", text: value ?? "" } : { type: "image", mediaType: mimeType, data: Buffer.from(data) }));

const readMessage = ({ role, content, name }: vscode.LanguageModelChatMessage): readonly Message[] => {
  const calls = (content as readonly Part[]).filter(({ callId }) => callId !== undefined);
  if (role === api.LanguageModelChatMessage.Assistant([]).role) {
    return [{ role: "assistant", content: readContent(content).filter((part) => part.type === "text"), toolCalls: calls.map((call) => ({ id: call.callId ?? "", name: call.name ?? "", argumentsText: JSON.stringify(call.input) })) }];
  }
  if (calls.length > 0) return calls.map((call) => ({ role: "tool", toolCallId: call.callId ?? "", content: readContent(call.content ?? []) }));
  return [{ role: "user", content: readContent(content), ...(name === undefined ? {} : { name }) }];
};

/** At least one part, and no empty text beside others: it says nothing. */
const meant = (content: readonly ContentPart[]): readonly ContentPart[] => {
  const said = joinTexts(content.filter((part) => part.type !== "text" || part.text !== ""));
  return said.length > 0 ? said : [{ type: "text", text: "" }];
};

/** An object, as providers want it: what is none lies in one under its own name. */
const meantArguments = ({ argumentsText, ...call }: ToolCall): ToolCall => {
  const wrap = (value: JsonValue): ToolCall => ({ ...call, argumentsText: JSON.stringify({ arguments: value }) });
  if (argumentsText.trim() === "") return { ...call, argumentsText: "{}" };
  try {
    const value = JSON.parse(argumentsText) as JsonValue;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...call, argumentsText: JSON.stringify(value) } : wrap(value);
  } catch {
    return wrap(argumentsText);
  }
};

/** What a conversation comes to in the editor's two roles. */
const normal = (messages: readonly Message[]): readonly Message[] => messages.flatMap((one): readonly Message[] => {
  switch (one.role) {
    case "system": return [{ role: "user", content: meant(one.content) }];
    case "user": case "tool": return [{ ...one, content: meant(one.content) }];
    case "assistant": {
      const content = one.content.some((part) => part.text !== "") ? meant(one.content) : [];
      return content.length === 0 && one.toolCalls.length === 0 ? [] : [{ role: "assistant", content: content as typeof one.content, toolCalls: one.toolCalls.map(meantArguments) }];
    }
  }
});

const cases = suite("vscode/encode-messages: any conversation");

cases("means to a provider what it meant to the client, and has no message without a part", () => {
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
    const encoded = encodeMessages(messages, api);
    assert.ok(encoded.every(({ content }) => content.length > 0));
    assert.equal(encoded.flatMap(readMessage), normal(messages));
  }), { numRuns: 500 });
});

cases("has the results of one turn in one message", () => {
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
    const isResults = ({ content }: vscode.LanguageModelChatMessage): boolean => (content as readonly Part[]).some((part) => part.content !== undefined);
    const encoded = encodeMessages(messages, api);
    for (const [index, one] of encoded.entries()) assert.not(isResults(one) && index > 0 && isResults(encoded[index - 1] as vscode.LanguageModelChatMessage));
  }), { numRuns: 1000 });
});

cases.run();
