import { bodyTooSlow, invalidJson, unsupportedMediaType } from "../errors.ts";
import { sinceStart } from "../observability/timings.ts";
import type { Exchange } from "../policies/policy.ts";
import type { Clock } from "../services.ts";

/**
 * The request's body as parsed JSON. Throws 415 for any other content type before it reads a byte: text and form bodies are
 * what a web page can send without the browser asking first. Throws 400 `invalid_json`, 413 `request_too_large`, 408
 * where it is not complete in time.
 */
export const readJsonBody = async (exchange: Exchange, clock: Clock): Promise<unknown> => {
  const contentType = exchange.header("content-type");
  if (!/^application\/json *(;|$)/i.test(contentType ?? "")) throw unsupportedMediaType(contentType);
  return parseJson(decodeUtf8(await timedBody(exchange, clock)));
};

/** Notes how long the client took, also where the body never came whole. */
const timedBody = async (exchange: Exchange, clock: Clock): Promise<Uint8Array> => {
  const { record } = exchange;
  const askedMs = sinceStart(exchange, clock);
  try {
    return await bodyInTime(exchange, clock);
  } finally {
    record.readMs = sinceStart(exchange, clock);
    record.waitedMs = record.readMs - askedMs;
  }
};

/** As long as a body may take: what the largest needs at three megabits a second. Longer, and it holds a place for nothing. */
const bodyTimeoutMs = 60_000;

const bodyInTime = (exchange: Exchange, clock: Clock): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(bodyTimeoutMs, () => reject(bodyTooSlow(bodyTimeoutMs)));
    const settle = <Value>(then: (value: Value) => void) => (value: Value): void => {
      cancel();
      then(value);
    };
    exchange.readBody().then(settle(resolve), settle(reject));
  });

/** Throws `invalidJson` (400), which says where the text broke. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(whereItBroke(error, text));
  }
};

/** Throws at bytes that are no UTF-8, and leaves a byte order mark for the parser to complain of. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const decodeUtf8 = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidJson("it is not UTF-8");
  }
};

/** Where, and never what: the engine's own message quotes the body. */
const whereItBroke = (error: unknown, text: string): string => {
  if (text.trim() === "") return "it is empty";
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  return position === undefined ? "it ends too early or holds a stray character" : `at character ${Number(position) + 1}`;
};
