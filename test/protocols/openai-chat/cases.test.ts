import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collect, peekFirst, type Batch } from "../../../src/chat/call.ts";
import type { ChatRequest } from "../../../src/chat/request.ts";
import { ProxyError } from "../../../src/errors.ts";
import type { AnswerFacts } from "../../../src/protocols/protocol.ts";
import type { ChatEndpoint } from "../../../src/protocols/protocol.ts";
import { encodeError } from "../../../src/protocols/openai-chat/encode-error.ts";
import { openaiChat } from "../../../src/protocols/openai-chat/index.ts";

/** A case: what a client sends, and what it gets. What a case does not name is not looked at. */
interface Case {
  /** The body of a request. */
  readonly request: unknown;
  /** The 400 that it gets. */
  readonly error?: { readonly param: string | null; readonly message: string };
  /** What it means. */
  readonly chat?: ChatRequest;
  /** The fields of the body that nobody reads. */
  readonly unread?: readonly string[];
  /** The batches of the model's answer, and what of it reaches the client, whole or streamed. */
  readonly parts?: readonly Batch[];
  readonly result?: unknown;
  /** The data of each event, in order, as JSON or as the text that it is. */
  readonly frames?: readonly unknown[];
  /** The stream's failure after the parts. */
  readonly fails?: { readonly status: number; readonly message: string };
}

/** Each folder of cases, and the endpoint that they are of. */
const folders: readonly (readonly [folder: URL, path: string])[] = [
  [new URL("cases/", import.meta.url), "chat/completions"],
  [new URL("completion-cases/", import.meta.url), "completions"],
];
const answer: AnswerFacts = { id: "1", model: "fast", createdSeconds: 1_700_000_000 };

const batchesOf = async function* (batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
};

const endpointAt = (path: string): ChatEndpoint => {
  const endpoint = openaiChat.endpoints.find((candidate) => candidate.path === path);
  if (endpoint?.kind !== "chat") throw new Error(`No chat endpoint is at ${path}.`);
  return endpoint;
};

const framesOf = ({ decodeRequest, encodeStream }: ChatEndpoint, { request, parts = [], fails }: Case): readonly unknown[] => {
  const frames: string[] = [];
  const emit = (data: string): void => void frames.push(data);
  const encoder = encodeStream(answer, decodeRequest(request).options);
  for (const batch of parts) encoder.encode(batch, emit);
  if (fails === undefined) encoder.end(emit);
  else encoder.fail(new ProxyError({ ...fails, type: "server_error", code: "upstream_error" }), emit);
  return frames.map((data) => (data.startsWith("{") ? (JSON.parse(data) as unknown) : data));
};

/** As JSON can say it: the bytes of an image in base64. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_name, inner: unknown) => (isBytes(inner) ? Buffer.from(inner.data).toString("base64") : inner)));

/** A buffer as JSON.stringify hands it over. */
const isBytes = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === "object" && value !== null && "type" in value && value.type === "Buffer";

const errorFrom = ({ decodeRequest }: ChatEndpoint, request: unknown): ProxyError => {
  try {
    decodeRequest(request);
  } catch (error) {
    if (error instanceof ProxyError) return error;
    throw error;
  }
  throw new Error("The request was taken as a good one.");
};

const cases = suite("protocols/openai-chat");

for (const [folder, path] of folders) for (const file of readdirSync(folder)) {
  const endpoint = endpointAt(path);
  const name = `${path}: ${file.replace(".json", "").replaceAll("-", " ")}`;
  const wanted = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case;
  const { request, error, chat, unread, parts = [], result, frames } = wanted;
  if (error === undefined && chat === undefined && result === undefined && frames === undefined) throw new Error(`${file} expects nothing.`);

  if (error !== undefined) {
    cases(`${name}: is refused, and the field is named`, () => {
      const { status, type, message, param } = errorFrom(endpoint, request);
      assert.equal({ status, type, message, param }, { status: 400, type: "invalid_request_error", ...error });
    });
  }
  if (chat !== undefined) {
    cases(`${name}: is read`, () => assert.equal(plain(endpoint.decodeRequest(request).chat), chat));
  }
  if (unread !== undefined) {
    cases(`${name}: names what nobody reads`, () => assert.equal(endpoint.decodeRequest(request).unreadFields, unread));
  }
  if (result !== undefined) {
    cases(`${name}: is answered whole`, async () => {
      const whole = await collect(await peekFirst(batchesOf(parts)));
      assert.equal(JSON.parse(endpoint.encodeResult(whole, answer, endpoint.decodeRequest(request).options)), result);
    });
  }
  if (frames !== undefined) {
    cases(`${name}: is streamed`, () => assert.equal(framesOf(endpoint, wanted), frames));
  }
}

cases("an error that quotes half a character is JSON that everybody reads", () => {
  const error = new ProxyError({ status: 400, type: "invalid_request_error", code: null, param: "a\ud83d", message: "Not \ude00." });
  assert.is(encodeError(error), '{"error":{"message":"Not \ufffd.","type":"invalid_request_error","param":"a\ufffd","code":null}}');
});

cases("errors have all four fields, null where there is nothing to say", () => {
  const error = new ProxyError({ status: 500, type: "server_error", code: null, message: "Broke." });
  assert.is(encodeError(error), '{"error":{"message":"Broke.","type":"server_error","param":null,"code":null}}');
});

cases.run();
