/**
 * Every error that a client can see. A failed request throws one of these; each protocol writes it in its own shape.
 * The fields are OpenAI's: SDKs pick their error class by `status` and show `message`.
 */
export interface ProxyErrorFields {
  /** HTTP status, 400 to 599. Never 409: SDKs retry it. Never 422: a 400 says the same to more clients. */
  readonly status: number;
  readonly type: ErrorType;
  /** Machine-readable, stable; null where OpenAI has none. */
  readonly code: string | null;
  /** One or two sentences: what happened, where, and what to write or do instead. Never prompt text or a key. */
  readonly message: string;
  /** The request field at fault, in the wire's spelling. */
  readonly param?: string;
  /** After which wait the same request may pass. */
  readonly retryAfterMs?: number;
  /** `false` where trying again cannot help: SDKs obey `x-should-retry`. */
  readonly isRetryable?: boolean;
  /** What befell the model's side, where `status` alone does not say it: nothing came in time, or nobody was there. */
  readonly failure?: Exclude<Failure, number>;
  /** More headers the answer must carry, such as `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** What befell a model's side: an HTTP status, no first token in time, or no connection. */
export type Failure = number | "timeout" | "network";

/** As `fallbackOn` has it; `5xx` stands for every status from 500 on. */
export type FailureKind = Failure | "5xx";

export type ErrorType =
  | "invalid_request_error"
  | "rate_limit_error"
  | "server_error"
  | "timeout_error";

export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly status: number;
  readonly type: ErrorType;
  readonly code: string | null;
  readonly param: string | null;
  readonly retryAfterMs: number | undefined;
  readonly isRetryable: boolean | undefined;
  readonly failure: Exclude<Failure, number> | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(fields: ProxyErrorFields) {
    // Requests and models are quoted, and half a character is JSON that several languages' parsers refuse.
    super(fields.message.toWellFormed(), { cause: fields.cause });
    this.status = fields.status;
    this.type = fields.type;
    this.code = fields.code;
    this.param = fields.param?.toWellFormed() ?? null;
    this.retryAfterMs = fields.retryAfterMs;
    this.isRetryable = fields.isRetryable;
    this.failure = fields.failure;
    this.headers = fields.headers ?? {};
  }
}

const invalidRequest = (fields: Omit<ProxyErrorFields, "type">): ProxyError =>
  new ProxyError({ type: "invalid_request_error", ...fields });

/** A field of the request is missing or wrong. `param` in the wire's spelling, such as `messages[2].content`. */
export const invalidField = (param: string, message: string): ProxyError =>
  invalidRequest({ status: 400, code: null, param, message });

/** The body is not JSON; `detail` is the parser's word for where it broke, without a quote of the body. */
export const invalidJson = (detail: string): ProxyError =>
  invalidRequest({ status: 400, code: "invalid_json", message: `The request body is not valid JSON: ${detail}.` });

/** No key or a wrong one: the two are told apart by nobody who has none. @see RFC 9110 section 11.6.1 */
export const invalidApiKey = (): ProxyError =>
  invalidRequest({
    status: 401,
    code: "invalid_api_key",
    message: "This route needs a key that is listed under keys: in .llmproxy.yaml. Send it as \"Authorization: Bearer <key>\" or \"x-api-key: <key>\".",
    headers: { "www-authenticate": "Bearer" },
  });

/** A key that is good elsewhere. Whoever holds it may know so: only they could ask. @param keyName as declared, never the key */
export const routeNotAllowed = (keyName: string): ProxyError =>
  invalidRequest({
    status: 403,
    code: "permission_denied",
    message: `The key ${quoted(keyName)} may not use this route. Add it to the auth: { keys } of the route in .llmproxy.yaml, or use a key that is listed there.`,
    isRetryable: false,
  });

/** The model is there, but not for this key. `usable` has some that it may use. */
export const modelNotAllowed = (keyName: string, name: string, usable: readonly string[]): ProxyError =>
  invalidRequest({
    status: 403,
    code: "permission_denied",
    param: "model",
    message: `The key ${quoted(keyName)} may not use ${quoted(name)}. ${usable.length > 0 ? `Use ${oneOf(usable)}, or add` : "Add"} it to the key's models: in .llmproxy.yaml.`,
    isRetryable: false,
  });

/** Two servers in a row may each believe another one. @see RFC 9112 section 3.2 */
export const severalHosts = (count: number): ProxyError =>
  invalidRequest({ status: 400, code: null, message: `The request has ${count} Host headers. Send one.` });

/** @param where whose name it is */
export const hostNotAllowed = (hostHeader: string, where: "Host header" | "request target" = "Host header"): ProxyError =>
  invalidRequest({
    status: 403,
    code: "permission_denied",
    message: `The ${where} ${quoted(hostHeader)} is not a name of this listener. Use its address, or add the name to the listener's allowedHosts.`,
  });

export const originNotAllowed = (origin: string): ProxyError =>
  invalidRequest({
    status: 403,
    code: "permission_denied",
    message: `Web pages of ${quoted(origin)} may not use this proxy. If they should, add the origin to cors: { allowOrigins } of the listener in .llmproxy.yaml.`,
  });

/** No model of that name makes vectors of texts. */
export const embeddingsNotServed = (model: string): ProxyError =>
  invalidRequest({
    status: 400,
    code: null,
    param: "model",
    message: `${quoted(model)} makes no embeddings: only models of upstreams do. Point an alias at one under models: in .llmproxy.yaml, and ask for that.`,
    isRetryable: false,
  });

/** @param suggested what the client may have meant, best first, or else some of what is served; only names that it may know */
export const modelNotFound = (name: string, suggested: readonly string[]): ProxyError =>
  invalidRequest({
    status: 404,
    code: "model_not_found",
    param: "model",
    message: `No model is named ${quoted(name)}. ${suggested.length > 0 ? `Use ${oneOf(suggested)}, or add` : "Add"} it under models: in .llmproxy.yaml.`,
  });

/** The model's name is known, but nothing that it stands for can answer here. `reasons` has one sentence for each target. */
export const modelUnavailable = (name: string, reasons: readonly string[]): ProxyError =>
  new ProxyError({
    status: 503,
    type: "server_error",
    code: "model_unavailable",
    param: "model",
    message: `Nothing that ${quoted(name)} stands for can answer now: ${reasons.join(" ")}`,
    isRetryable: false,
  });

export const pathNotFound = (path: string, known: readonly string[]): ProxyError =>
  invalidRequest({
    status: 404,
    code: "not_found",
    message: `Nothing is served at ${quoted(path)}. ${known.length > 0 ? `Served here: ${known.join(", ")}.` : ""}`.trimEnd(),
  });

export const methodNotAllowed = (path: string, allowed: readonly string[]): ProxyError =>
  invalidRequest({
    status: 405,
    code: "method_not_allowed",
    message: `${quoted(path)} answers ${allowed.join(" and ")} only.`,
    headers: { allow: allowed.join(", ") },
  });

export const bodyTooLarge = (maxBodyBytes: number): ProxyError =>
  invalidRequest({
    status: 413,
    code: "request_too_large",
    message: `The request body is larger than the listener's maxBodySize of ${maxBodyBytes} bytes. Send less, or raise it in .llmproxy.yaml.`,
    isRetryable: false,
  });

/** The client did not send its body in time. The connection is closed, because the rest may still come. */
export const bodyTooSlow = (limitMs: number): ProxyError =>
  new ProxyError({
    status: 408,
    type: "timeout_error",
    code: "timeout",
    message: `The request body was not complete within ${durationText(limitMs)}. Send it in one go.`,
    headers: { connection: "close" },
  });

/** Only `application/json` is read: a web page can send other types without the browser asking first. */
export const unsupportedMediaType = (contentType: string | undefined): ProxyError =>
  invalidRequest({
    status: 415,
    code: "unsupported_media_type",
    message: `The body must be sent as "content-type: application/json"${contentType === undefined ? "" : `, not ${quoted(contentType)}`}.`,
  });

/** A bug of ours or a host's unknown failure: its details are in the log under the request id, not here. */
export const internalError = (cause: unknown): ProxyError =>
  new ProxyError({
    status: 500,
    type: "server_error",
    code: null,
    message: "The proxy failed at this request. Its log has the details under the id in x-request-id.",
    cause,
  });

/**
 * The model's side failed with an HTTP status of its own, which the client gets too: it decides whether SDKs try again.
 * `message` is safe to show: no prompt text, no key.
 */
export const modelFailed = (message: string, status = 502, cause?: unknown): ProxyError =>
  new ProxyError({ status, ...kindOfStatus(status), message, cause });

/** There was no way to the model, or it broke off before an answer had begun. */
export const modelUnreachable = (message: string, cause?: unknown): ProxyError =>
  new ProxyError({ status: 502, ...kindOfStatus(502), message, failure: "network", cause });

const kindOfStatus = (status: number): Pick<ProxyErrorFields, "type" | "code"> => {
  if (status === 429) return { type: "rate_limit_error", code: "rate_limit_exceeded" };
  if (status === 408 || status === 504) return { type: "timeout_error", code: "timeout" };
  return status < 500 ? { type: "invalid_request_error", code: null } : { type: "server_error", code: "upstream_error" };
};

/**
 * The model's side says that the request itself is wrong; sent again it would be refused again.
 * @param detail the reason in the model's own words, on one line
 * @param code the model's own, such as `model_not_supported`
 */
export const modelRefusedRequest = (model: string, detail: string, code: string | null = null, cause?: unknown): ProxyError =>
  invalidRequest({ status: 400, code, message: `${model} refused the request: ${detail}`, isRetryable: false, cause });

/** The editor answered with nothing that is an error: it does so where it cannot decode an image. */
export const unreadableRequest = (model: string): ProxyError =>
  modelRefusedRequest(model, "VS Code could not read it. If it holds an image, send that as an undamaged PNG, JPEG, GIF or WebP.");

/** The conversation does not fit into the model's context. */
export const contextTooLong = (model: string, cause?: unknown): ProxyError =>
  invalidRequest({
    status: 400,
    code: "context_length_exceeded",
    param: "messages",
    message: `The messages and tools are more than ${model} takes. Send fewer, or ask for a model with a larger context.`,
    isRetryable: false,
    cause,
  });

/** A filter of the model's provider stopped the answer before it began. */
export const contentFiltered = (model: string, cause?: unknown): ProxyError =>
  invalidRequest({
    status: 400,
    code: "content_filter",
    message: `The content filter of ${model} stopped the answer. Change the messages; the same ones will be stopped again.`,
    isRetryable: false,
    cause,
  });

/** The user said no when VS Code asked, or has withdrawn a yes. */
export const modelAccessRefused = (vendor: string): ProxyError =>
  invalidRequest({
    status: 403,
    code: "permission_denied",
    message: `VS Code does not let LLM Proxy use the models of ${quoted(vendor)}: its user said no. Run the command "LLM Proxy: Allow Models" there to be asked again.`,
    isRetryable: false,
  });

/** VS Code has asked its user for their consent, and nobody has answered so far. */
export const modelAccessUnanswered = (vendor: string): ProxyError =>
  new ProxyError({
    status: 503,
    type: "server_error",
    code: "model_unavailable",
    message: `VS Code asks whether LLM Proxy may use the models of ${quoted(vendor)}, and nobody has answered: press "Allow" in its window, and ask again.`,
    isRetryable: false,
  });

/** The provider has locked this extension out for a while. It does not say for how long; five minutes is its usual measure. */
export const modelBlocked = (model: string, cause?: unknown): ProxyError =>
  new ProxyError({
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    message: `The provider of ${model} has blocked LLM Proxy for a while. Send fewer requests at once, and try again in some minutes.`,
    retryAfterMs: 300_000,
    isRetryable: false,
    cause,
  });

/** The provider asks for fewer requests. It does not say how long to wait: SDKs choose a wait of their own. */
export const modelRateLimited = (model: string, cause?: unknown): ProxyError =>
  modelFailed(`The provider of ${model} takes no more requests for the moment. Try again later.`, 429, cause);

/** The user's quota is used up. 402 and not OpenAI's 429, which SDKs would retry for nothing. */
export const modelQuotaExceeded = (model: string, cause?: unknown): ProxyError =>
  new ProxyError({
    status: 402,
    type: "rate_limit_error",
    code: "insufficient_quota",
    message: `The quota for ${model} is used up. Wait for its next period, or ask for a model that needs none.`,
    isRetryable: false,
    cause,
  });

/** The client reads more slowly than a model speaks that cannot be slowed, and what waits for it has grown too large. */
export const clientTooSlow = (maxBytes: number): ProxyError =>
  new ProxyError({
    status: 408,
    type: "timeout_error",
    code: "client_too_slow",
    message: `The answer was given up because more than ${maxBytes / (1024 * 1024)} MiB of it waited to be read. Read faster, or ask for a shorter one.`,
    isRetryable: false,
  });

/**
 * The model did twice what the client cannot use, such as text for JSON; it has been told what was wrong, and a third time
 * would cost more than it promises. @param detail what it did, and what to do instead, in whole sentences but for their subject
 */
export const unusableAnswer = (model: string, detail: string): ProxyError =>
  new ProxyError({ status: 502, type: "server_error", code: "upstream_error", message: `${model} ${detail}`, isRetryable: false });

/** The model ended its answer without a single part, before a byte was sent. */
export const emptyAnswer = (model: string): ProxyError =>
  modelFailed(`${model} ended its answer without a single part. Asking again may help.`);

/** The model's answer stopped in the middle; what the client has got so far is not whole. */
export const cutAnswer = (model: string): ProxyError =>
  modelFailed(`The answer of ${model} ended in the middle.`);

export interface RateLimitedFields {
  /** Who has no more of it, as the start of a sentence: `The key "ci"`. */
  readonly who: string;
  /** As under `rateLimit:`. */
  readonly limit: string;
  readonly size: number;
  readonly waitMs: number;
  /** What the limit belongs to: `route "main"`. */
  readonly place: string;
}

/** A limit of ours is used up. After the wait the same request passes, if no other takes its place. */
export const rateLimited = ({ who, limit, size, waitMs, place }: RateLimitedFields): ProxyError =>
  new ProxyError({
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    message: `${who} has used up its ${limit} of ${size}. Try again in ${waitText(waitMs)}, or raise the limit under rateLimit: of ${place} in .llmproxy.yaml.`,
    retryAfterMs: waitMs,
    // SDKs wait a minute at most, and would then try again for nothing.
    ...(waitMs > 60_000 ? { isRetryable: false } : {}),
  });

/** A limit on time, and where the file sets it. */
export interface TimeLimit {
  /** 0 = no limit. */
  readonly ms: number;
  /** As a path into the file, such as `routes[0].timeout.idle`; absent = nothing in the file, this is the default. */
  readonly setAt?: string;
}

/** One of the limits under `timeout:` has run out. @param subject the model that was waited for, or the request */
export const timedOut = (name: "firstToken" | "idle" | "total", limit: TimeLimit, subject: string): ProxyError =>
  new ProxyError({
    status: 504,
    type: "timeout_error",
    code: "timeout",
    message: `${subject} ${timeoutWords[name]} ${durationText(limit.ms)}, ${limit.setAt === undefined
      ? `the default of timeout.${name}. To wait longer, set it under defaults: or this route in .llmproxy.yaml.`
      : `which is ${limit.setAt} in .llmproxy.yaml. To wait longer, raise it there.`}`,
    failure: "timeout",
    // Asked again, what has taken all of its time would take it again.
    ...(name === "total" ? { isRetryable: false } : {}),
  });

const timeoutWords = {
  firstToken: "sent no first token within",
  idle: "fell silent in the middle of its answer for",
  total: "was not answered completely within",
} as const;

/** The proxy is stopping, or restarts in a moment. */
export const draining = (): ProxyError =>
  new ProxyError({
    status: 503,
    type: "server_error",
    code: "overloaded",
    message: "The proxy is stopping and takes no new requests.",
    retryAfterMs: 1000,
  });

/** More bodies come at once than there is room for, and this one is the largest of them. */
export const bodiesTooLarge = (roomBytes: number): ProxyError =>
  new ProxyError({
    status: 503,
    type: "server_error",
    code: "overloaded",
    message: `The request bodies that are being sent at the same time take more than ${Math.round(roomBytes / 1024 ** 2)} MiB together, and this is the largest of them. Send it again when others are through, or in smaller parts.`,
    retryAfterMs: 1000,
  });

/** The listener was taken out of the configuration, and this connection is from before. */
export const listenerRemoved = (): ProxyError =>
  new ProxyError({
    status: 503,
    type: "server_error",
    code: "listener_removed",
    message: "This address is no longer in .llmproxy.yaml. Connect again, to an address that is.",
    retryAfterMs: 1000,
  });

/** Client-sent text inside a sentence: cut to a length that a log line and a header bear, control characters out. */
const quoted = (text: string): string => {
  const clean = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
  return `"${clean.length > 100 ? `${clean.slice(0, 100)}…` : clean}"`;
};

const oneOf = (names: readonly string[]): string =>
  names.length === 1 ? `${names[0]}` : `one of ${names.join(", ")}`;

/** Rounded up to what a person would say: `3s`, `12m`, `5h`. */
const waitText = (ms: number): string => {
  if (ms <= 60_000) return `${Math.ceil(ms / 1000)}s`;
  return ms <= 7_200_000 ? `${Math.ceil(ms / 60_000)}m` : `${Math.ceil(ms / 3_600_000)}h`;
};

/** As the file would have it: 300000 -> `5m`, 1500 -> `1500ms`. */
const durationText = (ms: number): string => {
  const [unit, length] = durationUnits.find(([, unitMs]) => ms % unitMs === 0) ?? ["ms", 1];
  return `${ms / length}${unit}`;
};

const durationUnits: readonly (readonly [string, number])[] = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000]];
