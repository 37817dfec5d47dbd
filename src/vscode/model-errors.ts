import { CutAnswerError, EmptyAnswerError } from "../chat/call.ts";
import type { FinishReason } from "../chat/part.ts";
import {
  contextTooLong, contentFiltered, modelBlocked, modelFailed, modelQuotaExceeded, modelRateLimited, modelRefusedRequest, modelUnavailable, modelUnreachable,
  ProxyError, unreadableRequest,
} from "../errors.ts";
import { providerCode } from "../models/openai-upstream/provider-code.ts";

/** What is known when an answer fails. */
export interface FailureContext {
  /** `vendor/id` of the model that was asked. */
  readonly model: string;
  /** Whether the client has got a part of the answer. */
  readonly hasBegun: boolean;
}

/** What is left of a failure: an answer that ended early, or the error that the client sees. */
export type Failure = { readonly finishReason: FinishReason } | { readonly error: Error };

/**
 * What a failure of the editor's API means. Of an error only name, code and message come through, and some rejections are
 * no errors at all: they are told apart by those words, which are Copilot's own.
 */
export const readFailure = (thrown: unknown, context: FailureContext): Failure => {
  if (thrown instanceof ProxyError) return { error: thrown };
  if (!(thrown instanceof Error)) return { error: unreadableRequest(context.model) };
  const { name, code, message } = wordsOf(thrown);
  const reading = byName.get(code) ?? byName.get(name) ?? byMessage.find(([pattern]) => pattern.test(message))?.[1];
  return reading?.(context, thrown) ?? { error: modelFailed(`${context.model} failed: ${excerpt(message)}`, 502, thrown) };
};

/** Whether the model behind a handle is gone: selected again, it may be back. */
export const isNotFound = (thrown: unknown): boolean => wordsOf(thrown).code === "NotFound";

/** Whether the user said no when the editor asked. */
export const isAccessRefused = (thrown: unknown): boolean => wordsOf(thrown).code === "NoPermissions";

interface Words {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

const wordsOf = (thrown: unknown): Words => {
  const { name, code, message } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Partial<Record<keyof Words, unknown>>;
  const word = (value: unknown): string => (typeof value === "string" ? value : "");
  return { name: word(name), code: word(code), message: word(message) };
};

type Reading = (context: FailureContext, thrown: Error) => Failure;

/** By `code`, of the editor's own errors, or `name`, of Copilot's. */
const byName: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["NotFound", ({ model }) => ({ error: modelUnavailable(model, ["VS Code does not offer it any more: the extension that brings it is gone, or the user has signed out of it."]) })],
  ["Blocked", ({ model }, thrown) => ({ error: modelBlocked(model, thrown) })],
  ["ChatQuotaExceeded", ({ model }, thrown) => ({ error: modelQuotaExceeded(model, thrown) })],
  ["ChatRateLimited", ({ model }, thrown) => ({ error: readRateLimit(model, thrown) })],
  ["Canceled", (context, thrown) => broken(context, thrown)],
]);

const byMessage: readonly (readonly [RegExp, Reading])[] = [
  [/^Response too long/, () => ({ finishReason: "length" })],
  [/Response got filtered|^Filtered by Responsible AI|^Model declined to respond/, ({ model, hasBegun }, thrown) => (hasBegun ? { finishReason: "content-filter" } : { error: contentFiltered(model, thrown) })],
  [/^Response contained no choices/, ({ hasBegun }) => ({ error: hasBegun ? new CutAnswerError() : new EmptyAnswerError() })],
  [/^Message exceeds token limit/, ({ model }, thrown) => ({ error: contextTooLong(model, thrown) })],
  [/^(Cannot have more than \d+ tools|Invalid tool name|Invalid request|Unexpected chat message content|LanguageModelChatToolMode\.)/, ({ model }, thrown) => ({ error: modelRefusedRequest(model, excerpt(thrown.message), null, thrown) })],
  [/^Request Failed: [45]\d\d/, ({ model }, thrown) => ({ error: readServiceError(model, thrown) })],
  [/^Server error: 5\d\d/, ({ model }, thrown) => ({ error: modelFailed(`${model} failed: ${excerpt(thrown.message)}`, statusIn(thrown.message), thrown) })],
  // Copilot tells its service's 404 by the bare body, and no other status so.
  [/^\{/, ({ model }, thrown) => ({ error: modelFailed(`${model} failed: ${excerpt(serviceWords(thrown.message).message)}`, 404, thrown) })],
  [/Stream terminated|Stream closed prematurely|canceled by server|network request aborted|check your firewall rules|not connected to the internet/, (context, thrown) => broken(context, thrown)],
];

/** The way to the model broke off, for no fault of the request. */
const broken = ({ model, hasBegun }: FailureContext, thrown: Error): Failure =>
  ({ error: hasBegun ? new CutAnswerError() : modelUnreachable(`${model} did not answer: its connection broke off. Asking again may help.`, thrown) });

/** `Rate limit exceeded` and the service's own words: its 429, where it may mean a quota, or its 503. */
const readRateLimit = (model: string, thrown: Error): ProxyError => {
  const { code, message } = serviceWords(thrown.message);
  if (code === "insufficient_quota" || code === "quota_exceeded") return modelQuotaExceeded(model, thrown);
  if (code === "upstream_provider_rate_limit") return modelFailed(`The provider of ${model} is overloaded: ${excerpt(message)}`, 503, thrown);
  return modelRateLimited(model, thrown);
};

/** `Request Failed: 400 {"error":{"message":…,"code":…}}`: what the service behind the extension answered. */
const readServiceError = (model: string, thrown: Error): ProxyError => {
  const status = statusIn(thrown.message);
  const { code, message } = serviceWords(thrown.message);
  if (code === "content_filter") return contentFiltered(model, thrown);
  if (code === "context_length_exceeded" || code === "model_max_prompt_tokens_exceeded") return contextTooLong(model, thrown);
  // 409 and 422 would say other things to an SDK than they said to the extension.
  if ([400, 409, 413, 422].includes(status)) return modelRefusedRequest(model, excerpt(message), providerCode(code), thrown);
  return status === 429 ? modelRateLimited(model, thrown) : modelFailed(`${model} failed: ${excerpt(message)}`, status, thrown);
};

const statusIn = (message: string): number => Number(/\b[45]\d\d\b/.exec(message)?.[0] ?? 502);

/** The innermost code and message of the JSON in a text: services pass on one another's answers as text. */
const serviceWords = (text: string): Pick<Words, "code" | "message"> => {
  try {
    const body = JSON.parse(text.slice(text.indexOf("{"))) as { error?: unknown };
    const { code, message } = wordsOf(typeof body.error === "object" ? body.error : body);
    if (message === "") return { code, message: text };
    const inner = message.startsWith("{") ? serviceWords(message).message : message;
    return { code, message: inner };
  } catch {
    return { code: "", message: text };
  }
};

/** The first line, cut to what an error message bears. */
const excerpt = (text: string): string => {
  const line = text.split("\n", 1)[0]?.replaceAll(/[\u0000-\u001f\u007f]/g, " ").trim() ?? "";
  if (line === "") return "it gave no reason.";
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};
