import { createParser } from "eventsource-parser";
import type { Finish, FinishReason, StreamPart, Usage } from "../../chat/part.ts";
import type { JsonObject, JsonValue } from "../../chat/request.ts";
import { modelFailed } from "../../errors.ts";
import { createToolCalls } from "./decode-tool-calls.ts";
import { decodeUsage } from "./decode-usage.ts";
import { asList, asObject, readJson } from "./read-json.ts";

/** Turns an upstream's answer into parts: what one piece of the network holds becomes one batch. */
export interface AnswerDecoder {
  /** Throws a `ProxyError` for an error that the upstream tells inside its stream. */
  decode(bytes: Uint8Array): readonly StreamPart[];
  /** What is left once the upstream has ended: the `finish` part, if it told one. */
  end(): readonly StreamPart[];
}

/**
 * Decodes what an upstream sends, in whichever of the two ways it does: some call a stream plain text, or do not say what it is.
 * @param upstream its name, for errors
 */
export const createAnswerDecoder = (upstream: string, contentType = ""): AnswerDecoder => {
  if (contentType.toLowerCase().includes("text/event-stream")) return createStreamDecoder(upstream);
  let decoder: AnswerDecoder | undefined;
  let beginning = Buffer.alloc(0);
  return {
    decode(bytes) {
      if (decoder !== undefined) return decoder.decode(bytes);
      beginning = Buffer.concat([beginning, bytes]);
      const text = beginning.toString("utf8").trimStart();
      if (text.length < longestField) return [];
      decoder = (beginsAsEvents.test(text) ? createStreamDecoder : createWholeDecoder)(upstream);
      return decoder.decode(beginning);
    },
    end() {
      if (decoder !== undefined) return decoder.end();
      const whole = createWholeDecoder(upstream);
      return [...whole.decode(beginning), ...whole.end()];
    },
  };
};

/** No JSON begins so. @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
const beginsAsEvents = /^(?:data|event|id|retry)?:/;
const longestField = "event:".length;

/** @param upstream its name, for errors */
export const createStreamDecoder = (upstream: string): AnswerDecoder => {
  const text = new TextDecoder();
  const chunks = createChunkDecoder(upstream);
  let parts: StreamPart[] = [];
  let isOver = false;
  const parser = createParser({
    onEvent({ event, data }) {
      // Some servers name the event instead of writing an error into it.
      if (event === "error") throw streamError(readJson(data) ?? data, upstream);
      if (data === "[DONE]") parts.push(...chunks.end("stop"));
      // What the end of the connection has cut is no chunk; that there is no end either says so.
      else if (!isOver || readJson(data) !== undefined) parts.push(...chunks.decode(parseChunk(data, upstream)));
    },
  });
  const take = (): readonly StreamPart[] => {
    const taken = parts;
    parts = [];
    return taken;
  };
  return {
    decode(bytes) {
      parser.feed(text.decode(bytes, { stream: true }));
      return take();
    },
    end() {
      isOver = true;
      // Some servers leave out the blank line that ends the last event.
      parser.feed(`${text.decode()}\n\n`);
      parts.push(...chunks.end());
      return take();
    },
  };
};

/** For an upstream that answers at once although it was asked to stream. */
export const createWholeDecoder = (upstream: string): AnswerDecoder => {
  const pieces: Uint8Array[] = [];
  return {
    decode(bytes) {
      pieces.push(bytes);
      return [];
    },
    end() {
      const chunks = createChunkDecoder(upstream);
      const whole = parseChunk(Buffer.concat(pieces).toString("utf8"), upstream);
      return [...chunks.decode(whole), ...chunks.end("stop")];
    },
  };
};

interface ChunkDecoder {
  decode(chunk: JsonObject): readonly StreamPart[];
  /** @param unsaid the reason of an answer that is surely whole but names none; absent: such an answer was cut, and has no end */
  end(unsaid?: FinishReason): readonly StreamPart[];
}

/** Decodes chunks, and whole completions, which have a `message` where chunks have a `delta`. */
const createChunkDecoder = (upstream: string): ChunkDecoder => {
  const calls = createToolCalls();
  let finishReason: FinishReason | undefined;
  let usage: Usage | undefined;
  let hasBegun = false;
  let hasEnded = false;
  return {
    decode(chunk) {
      if (chunk["error"] !== undefined && chunk["error"] !== null) throw streamError(chunk["error"], upstream);
      usage = decodeUsage(chunk["usage"]) ?? usage;
      const choice = asObject(asList(chunk["choices"])[0]);
      hasBegun ||= choice["delta"] !== undefined || choice["message"] !== undefined;
      const delta = asObject(choice["delta"] ?? choice["message"]);
      finishReason = decodeReason(choice["finish_reason"]) ?? finishReason;
      return [...decodeTexts(delta), ...asList(delta["tool_calls"]).flatMap((call, index) => calls.decode(asObject(call), index))];
    },
    // Usage comes after the reason, so the two wait for each other until the end.
    end(unsaid) {
      if (hasBegun) finishReason ??= unsaid;
      if (finishReason === undefined || hasEnded) return [];
      hasEnded = true;
      // Small servers say "stop" after a tool call too, and an agent that believed it would not run the tool.
      if (finishReason === "stop" && calls.hasAny()) finishReason = "tool-calls";
      // And one that was told of calls that nobody made would wait for them.
      if (finishReason === "tool-calls" && !calls.hasAny()) finishReason = "stop";
      const finish: Finish = { type: "finish", finishReason, ...(usage === undefined ? {} : { usage }) };
      return [...calls.end(), finish];
    },
  };
};

const decodeTexts = (delta: JsonObject): readonly StreamPart[] => {
  const parts: StreamPart[] = [];
  // Two spellings are about for the same thing.
  const reasoning = delta["reasoning_content"] ?? delta["reasoning"];
  if (typeof reasoning === "string" && reasoning !== "") parts.push({ type: "reasoning-delta", text: reasoning });
  if (typeof delta["refusal"] === "string" && delta["refusal"] !== "") parts.push({ type: "refusal-delta", text: delta["refusal"] });
  if (typeof delta["content"] === "string" && delta["content"] !== "") parts.push({ type: "text-delta", text: delta["content"] });
  // Some servers send text in parts, as clients do.
  for (const part of asList(delta["content"])) {
    const { text } = asObject(part);
    if (typeof text === "string" && text !== "") parts.push({ type: "text-delta", text });
  }
  return parts;
};

/** Some servers write "" or "null" into every chunk: neither is an end. */
const decodeReason = (reason: JsonValue | undefined): FinishReason | undefined =>
  (typeof reason === "string" && reason !== "" && reason !== "null" ? finishReasons[reason] ?? "stop" : undefined);

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
};

const parseChunk = (text: string, upstream: string): JsonObject => {
  const value = readJson(text);
  if (value === undefined) throw modelFailed(`The upstream ${upstream} sent an answer that is not JSON.`);
  return asObject(value);
};

/** @param error an object with a message, one with such an object as its `error`, or the message itself */
const streamError = (error: JsonValue, upstream: string): Error => {
  const { message = asObject(asObject(error)["error"])["message"] ?? error, code } = asObject(error);
  const status = typeof code === "number" && code >= 400 && code < 600 ? code : 502;
  return modelFailed(`The upstream ${upstream} broke off: ${typeof message === "string" ? message.slice(0, 1000) : "it gave no reason"}`, status);
};
