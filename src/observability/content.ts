import type { Ask, BegunAnswer } from "../chat/call.ts";
import type { EmbedRequest } from "../chat/embedding.ts";
import type { StreamPart } from "../chat/part.ts";
import { textOf, type Message } from "../chat/request.ts";
import type { Log } from "../services.ts";

/** As much of one text is written; more would be a way to fill a disk. */
const mostCharacters = 65_536;

/**
 * Writes the prompt before a model is asked, and what there is of its answer when that ends, however it ends. Only for a file
 * that says `logging: { content: true }`. Images are named and not written.
 * @param id of the request, as its own line in the log has it
 */
export const logContent = (log: Log, id: string) => (ask: Ask): Ask =>
  async (request, context) => {
    log.info("prompt", { id, alias: request.model, messages: cutAll(request.messages.map(renderMessage)), ...named("tools", request.tools.map(({ name }) => name)) });
    return tellAnswer(await ask(request, context), log, id);
  };

/** Writes the texts that vectors are asked of. */
export const logInputs = (log: Log, id: string, { model, inputs }: EmbedRequest): void =>
  log.info("prompt", { id, alias: model, inputs: cutAll(inputs.map((input) => (typeof input === "string" ? input : `[${input.length} tokens]`))) });

const tellAnswer = ({ first, rest }: BegunAnswer, log: Log, id: string): BegunAnswer => {
  const answer = createTranscript();
  let isTold = false;
  const tell = (): void => {
    if (isTold) return;
    isTold = true;
    log.info("answer", { id, ...answer.fields() });
  };
  for (const part of first) answer.add(part);
  const next = async (): ReturnType<typeof rest.next> => {
    try {
      const result = await rest.next();
      if (result.done === true) tell();
      else for (const part of result.value) answer.add(part);
      return result;
    } catch (error) {
      tell();
      throw error;
    }
  };
  const end = async (): ReturnType<typeof rest.next> => {
    tell();
    return await rest.return?.() ?? { done: true, value: undefined };
  };
  return { first, rest: { next, return: end } };
};

/** What a model has said so far, as the log will have it. */
const createTranscript = () => {
  const texts = { text: "", reasoning: "", refusal: "" };
  const toolCalls = new Map<string, string>();
  const append = (name: keyof typeof texts, text: string): void => {
    if (texts[name].length <= mostCharacters) texts[name] += text;
  };
  const add = (part: StreamPart): void => {
    switch (part.type) {
      case "text-delta": append("text", part.text); break;
      case "reasoning-delta": append("reasoning", part.text); break;
      case "refusal-delta": append("refusal", part.text); break;
      case "tool-call-start": toolCalls.set(part.id, `${part.name} `); break;
      case "tool-call-delta": toolCalls.set(part.id, `${toolCalls.get(part.id) ?? ""}${part.argumentsText}`.slice(0, mostCharacters)); break;
      // Further answers, one after another with the first.
      case "choice": add(part.part); break;
      case "tool-call-end": case "warning": case "finish": break;
    }
  };
  return {
    add,
    fields: () => ({
      text: cut(texts.text),
      ...(texts.reasoning === "" ? {} : { reasoning: cut(texts.reasoning) }),
      ...(texts.refusal === "" ? {} : { refusal: cut(texts.refusal) }),
      ...named("toolCalls", [...toolCalls.values()]),
    }),
  };
};

const named = (name: string, values: readonly string[]): Readonly<Record<string, readonly string[]>> => (values.length === 0 ? {} : { [name]: values });

/** `user: Hello [image/png]`, and of an answer of before the tools that it called. */
const renderMessage = (message: Message): string => {
  const images = message.content.flatMap((part) => (part.type === "image" ? [`[${part.mediaType}]`] : part.type === "image-link" ? ["[image]"] : []));
  const calls = message.role === "assistant" ? message.toolCalls.map(({ name, argumentsText }) => `${name} ${argumentsText}`) : [];
  return [`${message.role}:`, textOf(message), ...images, ...calls].filter((piece) => piece !== "").join(" ");
};

const cut = (text: string): string => (text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`);

/** All of them together are cut: of a long conversation the end says most. */
const cutAll = (texts: readonly string[]): readonly string[] => {
  const kept: string[] = [];
  let left = mostCharacters;
  for (const text of texts.toReversed()) {
    if (left <= 0) break;
    kept.unshift(text.length <= left ? text : `${text.slice(0, left)}…`);
    left -= text.length;
  }
  return kept.length === texts.length ? kept : [`… ${texts.length - kept.length} earlier messages`, ...kept];
};
