import type { Batches, ChatCall } from "../../chat/call.ts";
import type { EmbedCall, EmbedRequest } from "../../chat/embedding.ts";
import type { ChatRequest } from "../../chat/request.ts";
import { abortSignalOf } from "../../chat/stop-signal.ts";
import { ProxyError } from "../../errors.ts";
import type { Clock } from "../../services.ts";
import type { Model, ModelHost, Target } from "../host.ts";
import type { Connections, UpstreamResponse } from "./connections.ts";
import { createAnswerDecoder } from "./decode-stream.ts";
import { countTokens as countByTokenizer } from "./count-tokens.ts";
import { decodeEmbedResult, encodeEmbedRequest } from "./embed.ts";
import { encodeRequest, type LimitName } from "./encode-request.ts";
import { rateHeadersOf } from "./rate-headers.ts";
import { createUsageTeller, type AnswerUsage, type UsageTeller } from "./tell-usage.ts";
import { refusedByUpstream, unreachableUpstream } from "./upstream-errors.ts";

export interface UpstreamOptions {
  /** As declared under `upstreams:`. */
  readonly name: string;
  /** Without a slash at its end, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** `none`: no key is sent. `unset`: one should be, but its reference is empty, and the upstream cannot be asked. */
  readonly apiKey: { readonly value: string } | "none" | "unset";
  /** More headers for every request; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** OpenAI-compatible servers as model hosts. @param countTokens for those that do not tell what they counted */
export const createUpstreamHost = (upstreams: readonly UpstreamOptions[], connections: Connections, clock: Clock, countTokens = countByTokenizer): ModelHost => {
  const byName = new Map(upstreams.map((options) => [options.name, { ...options, countTokens, limitNames: new Map(), usage: createUsageTeller(options.name, countTokens, clock) }]));
  return {
    name: "upstream",
    resolve(target: Target, { requestedName }) {
      const upstream = target.kind === "upstream" ? byName.get(target.upstream) : undefined;
      if (target.kind !== "upstream" || upstream === undefined) return { unavailable: "No upstream of that name is declared under upstreams:." };
      if (upstream.apiKey === "unset") return { unavailable: `The apiKey of the upstream ${upstream.name} refers to something that is not set.` };
      return { model: createModel(upstream, target.model.replace("*", requestedName), connections) };
    },
    listModels: async () => (await Promise.all([...byName.values()].map((upstream) => listModels(upstream, connections)))).flat(),
    dispose() {},
  };
};

/** An upstream as declared, and what is learnt of it. */
interface Upstream extends UpstreamOptions {
  readonly usage: UsageTeller;
  readonly countTokens: (text: string) => Promise<number>;
  /** By model, where it is not the usual one. */
  readonly limitNames: Map<string, LimitName>;
}

const createModel = (upstream: Upstream, id: string, connections: Connections): Model => ({
  vendor: upstream.name,
  id,
  family: id,
  version: "",
  name: id,
  maxInputTokens: 0,
  chat: createUpstreamCall(upstream, id, connections),
  abilities: ["stop-sequences", "max-output-tokens", "required-of-many-tools", "response-format", "any-number-of-tools"],
  embed: createEmbedCall(upstream, id, connections),
  countTokens: upstream.countTokens,
  estimatesTokens: true,
});

const createUpstreamCall = (upstream: Upstream, model: string, connections: Connections): ChatCall =>
  async function* askUpstream(request, { signal, onHeaders }) {
    const left = request.ignoredOptions.filter((name) => request.extraOptions?.[name] === undefined);
    const usage = upstream.usage.follow(request, model);
    const warnings = [...left.map((name) => `${name} is not passed on`), ...usage.warnings];
    if (warnings.length > 0) yield warnings.map((message) => ({ type: "warning", message }));
    const url = `${upstream.baseUrl}/chat/completions`;
    try {
      const response = await askForStream(upstream, model, url, request, connections, abortSignalOf(signal));
      onHeaders?.(rateHeadersOf(response));
      yield* decode(upstream.name, usage, response);
    } catch (error) {
      // The client left: nobody is there to be told.
      if (signal.aborted) return;
      throw error instanceof ProxyError ? error : unreachableUpstream(upstream.name, url, error);
    }
  };

/** Throws the upstream's refusal; one that is only about the name of a limit is met by the other name, from then on. */
const askForStream = async (upstream: Upstream, model: string, url: string, request: ChatRequest, connections: Connections, signal: AbortSignal): Promise<UpstreamResponse> => {
  const ask = (limitName: LimitName | undefined): Promise<UpstreamResponse> =>
    connections.request({ method: "POST", url, headers: headersOf(upstream), body: encodeRequest(request, model, limitName), signal });
  const known = upstream.limitNames.get(model);
  const first = await ask(known);
  if (first.status === 200) return first;
  const refusal = await refusedByUpstream(upstream.name, first);
  if (refusal.status !== 400 || known !== undefined || !refusal.message.includes("max_completion_tokens")) throw refusal;
  upstream.limitNames.set(model, "max_completion_tokens");
  const second = await ask("max_completion_tokens");
  if (second.status !== 200) throw await refusedByUpstream(upstream.name, second);
  return second;
};

/** More than this is no answer to as many inputs as a request may have. */
const maxEmbedBytes = 256 * 1024 * 1024;

const createEmbedCall = (upstream: Upstream, model: string, connections: Connections): EmbedCall =>
  async function embed(request, { signal, onHeaders }) {
    const url = `${upstream.baseUrl}/embeddings`;
    try {
      const response = await connections.request({ method: "POST", url, headers: headersOf(upstream), body: encodeEmbedRequest(request, model), signal: abortSignalOf(signal) });
      if (response.status !== 200) throw await refusedByUpstream(upstream.name, response);
      onHeaders?.(rateHeadersOf(response));
      const result = decodeEmbedResult(await response.text(maxEmbedBytes), request, upstream.name);
      return result.inputTokens === undefined ? { ...result, inputTokens: await countInputs(request, upstream.countTokens) } : result;
    } catch (error) {
      throw error instanceof ProxyError ? error : unreachableUpstream(upstream.name, url, error);
    }
  };

/** For an upstream that does not tell: tokens are their own count; texts that cannot be counted cost nothing. */
const countInputs = async ({ inputs }: EmbedRequest, countTokens: (text: string) => Promise<number>): Promise<number> => {
  const counts = inputs.map(async (input) => (typeof input === "string" ? countTokens(input) : input.length));
  return (await Promise.all(counts).catch(() => [])).reduce((sum, count) => sum + count, 0);
};

/** Leaving this loop destroys the body, and with it the request: that is how an upstream is stopped. */
async function* decode(upstream: string, usage: AnswerUsage, response: UpstreamResponse): Batches {
  const decoder = createAnswerDecoder(upstream, response.header("content-type"));
  for await (const bytes of response.body) {
    const parts = decoder.decode(bytes);
    if (parts.length > 0) yield usage.complete(parts);
  }
  const last = decoder.end();
  if (last.length > 0) yield usage.complete(last);
}

const headersOf = ({ apiKey, headers }: UpstreamOptions): Record<string, string> => ({
  "content-type": "application/json",
  "accept": "text/event-stream, application/json",
  ...(typeof apiKey === "string" ? {} : { authorization: `Bearer ${apiKey.value}` }),
  ...headers,
});

/** How long a list of models may take: it is shown, not needed. */
const listTimeoutMs = 3000;

const listModels = async (upstream: Upstream, connections: Connections): Promise<readonly Model[]> => {
  if (upstream.apiKey === "unset") return [];
  try {
    const url = `${upstream.baseUrl}/models`;
    const response = await connections.request({ method: "GET", url, headers: headersOf(upstream), signal: AbortSignal.timeout(listTimeoutMs) });
    const { data } = JSON.parse(await response.text(1_048_576)) as { data?: readonly { id?: unknown }[] };
    return (data ?? []).flatMap(({ id }) => (typeof id === "string" ? [createModel(upstream, id, connections)] : []));
  } catch {
    // An upstream that is down has no models now.
    return [];
  }
};
