import * as vscode from "vscode";
import type { DescribedPart, Vendor } from "../models.ts";
import type { Description } from "./recorder.ts";
import { LanguageModelDataPart } from "./untyped-parts.ts";

const { LanguageModelTextPart, LanguageModelToolCallPart, LanguageModelToolResultPart } = vscode;

const describePart = (part: unknown): DescribedPart => {
  if (part instanceof LanguageModelTextPart) return { text: part.value };
  if (part instanceof LanguageModelToolCallPart)
    return { toolCall: { id: part.callId, name: part.name, input: part.input } };
  if (part instanceof LanguageModelToolResultPart)
    return { toolResult: { id: part.callId, content: part.content.map(describePart) } };
  if (part instanceof LanguageModelDataPart)
    return { data: { mimeType: part.mimeType, base64: Buffer.from(part.data).toString("base64") } };
  return { value: part };
};

const roles: Readonly<Record<number, "user" | "assistant" | "system">> = { 1: "user", 2: "assistant", 3: "system" };
const toolModes: Readonly<Record<number, "auto" | "required">> = { 1: "auto", 2: "required" };

/** A call as data: what a test compares. */
export const describeCall = (
  vendor: Vendor,
  model: vscode.LanguageModelChatInformation,
  messages: readonly vscode.LanguageModelChatRequestMessage[],
  options: vscode.ProvideLanguageModelChatResponseOptions & { readonly requestInitiator?: string },
): Description => ({
  vendor,
  model: model.id,
  messages: messages.map(({ role, name, content }) => ({
    role: roles[role] ?? role,
    ...(name === undefined ? {} : { name }),
    content: content.map(describePart),
  })),
  tools: options.tools ?? [],
  toolMode: toolModes[options.toolMode] ?? options.toolMode,
  modelOptions: options.modelOptions ?? {},
  ...(options.requestInitiator === undefined ? {} : { requestInitiator: options.requestInitiator }),
});
