import type * as vscode from "vscode";
import { textOf, type AssistantMessage, type ContentPart, type ImageContent, type JsonValue, type Message, type ToolMessage } from "../chat/request.ts";
import { invalidField } from "../errors.ts";
import type { LanguageModelApi, LanguageModelDataPart } from "./language-model-api.ts";

type EncodedPart = vscode.LanguageModelInputPart | LanguageModelDataPart;

/**
 * A conversation in the editor's two roles. Instructions become user text where they stand: the role for them is closed to
 * released extensions. Text next to text is joined, because Copilot makes a message of each piece of it or drops all but
 * the first. Results of parallel tool calls share one message: anything between them is refused upstream.
 */
export const encodeMessages = (conversation: readonly Message[], api: LanguageModelApi): readonly vscode.LanguageModelChatMessage[] => {
  const messages = conversation.filter(saysSomething);
  const encoded: vscode.LanguageModelChatMessage[] = [];
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as Message;
    if (message.role === "tool") {
      const results = resultsFrom(messages, index);
      encoded.push(userMessage(results.map((result) => encodeResult(result, api)), undefined, api));
      index += results.length - 1;
    } else if (message.role === "assistant") encoded.push(encodeAssistant(message, api));
    else encoded.push(userMessage(encodeContent(message.content, api), message.role === "user" ? message.name : undefined, api));
  }
  return encoded;
};

/** The tool messages that follow one another from `start` on. */
const resultsFrom = (messages: readonly Message[], start: number): readonly ToolMessage[] => {
  const results: ToolMessage[] = [];
  for (let message = messages[start]; message?.role === "tool"; message = messages[start + results.length]) results.push(message);
  return results;
};

/** The declared types are those of the oldest supported version, which knew no images yet. */
const userMessage = (parts: readonly EncodedPart[], name: string | undefined, { LanguageModelChatMessage }: LanguageModelApi): vscode.LanguageModelChatMessage =>
  LanguageModelChatMessage.User(parts as vscode.LanguageModelTextPart[], name);

/** An assistant that said and called nothing, as agents send it after an abort, is left out: providers refuse it. */
const saysSomething = (message: Message): boolean => message.role !== "assistant" || message.toolCalls.length > 0 || textOf(message) !== "";

const encodeAssistant = (message: AssistantMessage, api: LanguageModelApi): vscode.LanguageModelChatMessage => {
  const text = textOf(message);
  const parts = [
    ...(text === "" ? [] : [new api.LanguageModelTextPart(text)]),
    ...message.toolCalls.map(({ id, name, argumentsText }) => new api.LanguageModelToolCallPart(id, name, parseArguments(argumentsText))),
  ];
  return api.LanguageModelChatMessage.Assistant(parts, message.name);
};

/** Providers want an object. What the model wrote and is not one goes back to it as it was: it may learn from it. */
const parseArguments = (text: string): object => {
  if (text.trim() === "") return {};
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : { arguments: value };
  } catch {
    return { arguments: text };
  }
};

const encodeResult = ({ toolCallId, content }: ToolMessage, api: LanguageModelApi): vscode.LanguageModelToolResultPart =>
  new api.LanguageModelToolResultPart(toolCallId, encodeContent(content, api));

/** At least one part: a message without any is refused. */
const encodeContent = (content: readonly ContentPart[], api: LanguageModelApi): EncodedPart[] => {
  const parts: EncodedPart[] = [];
  let text = "";
  const endText = (): void => {
    if (text !== "") parts.push(new api.LanguageModelTextPart(text));
    text = "";
  };
  for (const part of content) {
    if (part.type === "text") text += part.text;
    else if (part.type === "image") {
      endText();
      parts.push(encodeImage(part, api));
    } else throw new Error("A link to an image came to a host before it was fetched.");
  }
  endText();
  return parts.length > 0 ? parts : [new api.LanguageModelTextPart("")];
};

const encodeImage = ({ data, mediaType }: ImageContent, { LanguageModelDataPart: DataPart }: LanguageModelApi): LanguageModelDataPart => {
  if (DataPart === undefined) throw invalidField("messages", "This version of VS Code takes no images: send text, or update VS Code.");
  // image/jpg is no media type, and Copilot drops images that call themselves so.
  return new DataPart(data, mediaType === "image/jpg" ? "image/jpeg" : mediaType);
};
