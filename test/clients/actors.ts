import type { ChatCall } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import { lastUserText, textOf, type ChatRequest } from "../../src/chat/request.ts";
import type { Model, ModelHost } from "../../src/models/host.ts";

/** What an actor says to a request, in parts. It can do nothing by itself but this: everything else is done around it. */
type Actor = (request: ChatRequest) => readonly StreamPart[];

const text = (...pieces: readonly string[]): readonly StreamPart[] => pieces.map((piece) => ({ type: "text-delta", text: piece }));

/** Calls the weather of two cities at once, their arguments mixed, and tells what it got by the ids of the calls. */
const traveller: Actor = ({ messages, tools }) => {
  const results = messages.flatMap((message) => (message.role === "tool" ? [`${message.toolCallId}: ${textOf(message)}`] : []));
  const name = tools[0]?.name;
  if (results.length > 0 || name === undefined) return text(results.join(", "));
  return [
    { type: "tool-call-start", id: "call_bern", name },
    { type: "tool-call-delta", id: "call_bern", argumentsText: '{"city":' },
    { type: "tool-call-start", id: "call_rome", name },
    { type: "tool-call-delta", id: "call_rome", argumentsText: '{"city":"Rome"}' },
    { type: "tool-call-delta", id: "call_bern", argumentsText: '"Bern"}' },
    { type: "tool-call-end", id: "call_bern" },
    { type: "tool-call-end", id: "call_rome" },
  ];
};

/** Calls a tool only where it is made to call that very one. */
const talker: Actor = ({ tools, toolChoice }) => {
  if (typeof toolChoice === "string") return text("I would rather talk.");
  const schema = JSON.stringify(tools.find(({ name }) => name === toolChoice.name)?.inputSchema);
  const argumentsText = schema.includes("enum") ? JSON.stringify({ name: "weather" }) : JSON.stringify({ city: "Bern" });
  return [
    { type: "tool-call-start", id: "call_1", name: toolChoice.name },
    { type: "tool-call-delta", id: "call_1", argumentsText },
    { type: "tool-call-end", id: "call_1" },
  ];
};

/** Tells of each image what it is. */
const seer: Actor = ({ messages }) => {
  const images = messages.flatMap(({ content }) => content.flatMap((part) => (part.type === "image" ? [`${part.mediaType} of ${part.data.byteLength} bytes`] : [])));
  return text(images.join(", "));
};

/** Answers with a place that lacks something, until it is told. */
const clerk: Actor = (request) =>
  (lastUserText(request).includes("cannot be used") ? text("```json\n", '{"city":"Bern",', '"people":140000}\n```') : text('{"city":', '"Bern"}'));

/** Refuses in the words that models have for it. */
const refuser: Actor = () => [{ type: "refusal-delta", text: "I will " }, { type: "refusal-delta", text: "not." }];

const actors: Readonly<Record<string, Actor>> = { traveller, talker, seer, clerk, refuser };

/** Names of the models, each for what it does. */
export const actorNames: readonly string[] = Object.keys(actors);

/** A part at a time, so that streams are streams. */
const callOf = (actor: Actor): ChatCall => async function* play(request) {
  const parts = actor(request);
  for (const part of parts) {
    yield [part];
    await new Promise((resolve) => void setImmediate(resolve));
  }
  yield [{ type: "finish", finishReason: parts.some(({ type }) => type === "tool-call-start") ? "tool-calls" : "stop", usage: { inputTokens: 3, outputTokens: 2 } }];
};

const modelOf = (id: string, actor: Actor): Model => ({
  vendor: "actor", id, family: id, version: "1", name: id, maxInputTokens: 0,
  chat: callOf(actor),
  countTokens: async (counted) => counted.length,
  embed: async ({ inputs }) => ({ vectors: inputs.map((input) => [input.length, 0.5]), inputTokens: inputs.length }),
});

/** Models that answer for selectors of the vendor `actor`. */
export const createActorHost = (): ModelHost => ({
  name: "actors",
  async resolve(target) {
    const actor = target.kind === "selector" && target.vendor === "actor" ? actors[target.id ?? ""] : undefined;
    return actor === undefined || target.kind !== "selector" ? { unavailable: "Only VS Code has it." } : { model: modelOf(target.id ?? "", actor) };
  },
  listModels: async () => [],
  dispose() {},
});
