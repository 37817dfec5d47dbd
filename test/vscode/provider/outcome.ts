import * as assert from "uvu/assert";

/** What a client gets of one question, however it is asked. */
export interface Outcome {
  /** Of the answer, or of its error. Default: 200. */
  readonly status?: number;
  /** Of its error. */
  readonly code?: string | null;
  /** The text before an error in the middle, which only a stream shows. */
  readonly after?: string;
  readonly choices?: readonly Choice[];
  /** Tokens of the request and of the answer; `counted` = some of both, as many as the model's own count says. */
  readonly usage?: readonly [number, number] | "counted";
}

export interface Choice {
  readonly text: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly argumentsText: string }[];
  readonly finishReason: string;
}

interface WireCall {
  readonly index?: number;
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

interface WireWords {
  readonly content?: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly WireCall[];
}

interface WireAnswer {
  readonly error?: { readonly code: string | null };
  readonly choices?: readonly { readonly index: number; readonly message?: WireWords; readonly delta?: WireWords; readonly finish_reason: string | null }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

/** Asks for a whole answer. @param url of a route, such as `http://127.0.0.1:8080/v1` */
export const askWhole = async (url: string, request: object): Promise<Outcome> => {
  const response = await post(url, request);
  const body = (await response.json()) as WireAnswer;
  return body.error === undefined ? fold([body]) : { status: response.status, code: body.error.code };
};

/** Asks for a stream, and folds it. */
export const askStreamed = async (url: string, request: object): Promise<Outcome> => {
  const response = await post(url, { ...request, stream: true, stream_options: { include_usage: true } });
  const body = await response.text();
  if (response.status !== 200) return { status: response.status, code: (JSON.parse(body) as WireAnswer).error?.code ?? null };
  const events = body.split("\n\n").filter((event) => event.startsWith("data: ")).map((event) => event.slice("data: ".length));
  const chunks = events.filter((event) => event !== "[DONE]").map((event) => JSON.parse(event) as WireAnswer);
  const error = chunks.find((chunk) => chunk.error !== undefined)?.error;
  assert.is(events.at(-1) === "[DONE]", error === undefined, "[DONE] ends what is whole, and nothing else");
  const folded = fold(chunks);
  return error === undefined ? folded : { status: 502, code: error.code, after: folded.choices?.[0]?.text ?? "" };
};

const post = (url: string, request: object): Promise<Response> =>
  fetch(`${url}/chat/completions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4", ...request }) });

const fold = (pieces: readonly WireAnswer[]): Outcome => {
  const all = pieces.flatMap(({ choices }) => choices ?? []);
  const indexes = [...new Set(all.map(({ index }) => index))].toSorted((a, b) => a - b);
  const usage = pieces.findLast((piece) => piece.usage !== undefined && piece.usage !== null)?.usage;
  return {
    choices: indexes.map((index) => foldChoice(all.filter((choice) => choice.index === index))),
    ...(usage === undefined || usage === null ? {} : { usage: [usage.prompt_tokens, usage.completion_tokens] as const }),
  };
};

const foldChoice = (pieces: NonNullable<WireAnswer["choices"]>): Choice => {
  const words = pieces.flatMap(({ message, delta }) => message ?? delta ?? []);
  const reasoning = words.map((word) => word.reasoning_content ?? "").join("");
  const calls = words.flatMap((word) => (word.tool_calls ?? []).map((call, position) => ({ ...call, index: call.index ?? position })));
  const toolCalls = [...new Set(calls.map(({ index }) => index))].map((index) => {
    const own = calls.filter((call) => call.index === index);
    return {
      id: own[0]?.id ?? "",
      name: own[0]?.function?.name ?? "",
      argumentsText: own.map((call) => call.function?.arguments ?? "").join(""),
    };
  });
  return {
    text: words.map(({ content }) => content ?? "").join(""),
    ...(reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    finishReason: pieces.findLast(({ finish_reason }) => finish_reason !== null)?.finish_reason ?? "",
  };
};

/** @param how asked, for the message of a failure */
export const isOutcome = (actual: Outcome, expected: Outcome, how: string): void => {
  const { usage, ...rest } = actual;
  const { usage: expectedUsage, after, ...expectedRest } = expected;
  assert.equal(rest, how === "streamed" && after !== undefined ? { ...expectedRest, after } : expectedRest, how);
  if (expectedUsage === "counted") assert.ok((usage?.[0] as number) > 0 && (usage?.[1] as number) > 0, `${how}: ${JSON.stringify(usage)} is no count`);
  else assert.equal(usage, expectedUsage, how);
};
