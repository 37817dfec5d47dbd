import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collect, peekFirst, type ChatResult } from "../../../src/chat/call.ts";
import type { ChatRequest } from "../../../src/chat/request.ts";
import { ProxyError } from "../../../src/errors.ts";
import type { Model } from "../../../src/models/host.ts";
import { createConnections } from "../../../src/models/openai-upstream/connections.ts";
import { systemClock } from "../../../src/services.ts";
import { createUpstreamHost, type UpstreamOptions } from "../../../src/models/openai-upstream/host.ts";

const cases = suite("models/openai-upstream");

interface Asked {
  readonly request: IncomingMessage;
  readonly body: Record<string, unknown>;
  /** The client's port: the same one means the same connection. */
  readonly clientPort: number | undefined;
}

interface Upstream {
  readonly model: Model;
  readonly baseUrl: string;
  /** Every request, in order, with its body. */
  readonly asked: readonly Asked[];
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A server on a free port that answers every request with `answer`, and a host that knows it as `test`. */
const withUpstream = async (answer: Answer, run: (upstream: Upstream) => Promise<void>, options: Partial<UpstreamOptions> = {}): Promise<void> => {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece)).on("end", () => {
      const body = JSON.parse(Buffer.concat(pieces).toString() || "{}") as Record<string, unknown>;
      asked.push({ request, body, clientPort: request.socket.remotePort });
      Object.assign(request, { body });
      answer(response, request);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const connections = createConnections();
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const host = createUpstreamHost([{ name: "test", baseUrl, apiKey: "none", headers: {}, ...options }], connections, systemClock);
  try {
    const resolution = await host.resolve({ kind: "upstream", upstream: "test", model: "m-*" }, { requestedName: "1" });
    if (!("model" in resolution)) throw new Error(resolution.unavailable);
    await run({ model: resolution.model, baseUrl, asked });
  } finally {
    await connections.close();
    server.closeAllConnections();
    server.close();
  }
};

const request = (changes: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "alias",
  messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
  tools: [],
  toolChoice: "auto",
  sampling: {},
  ignoredOptions: [],
  ...changes,
});

const never = new AbortController().signal;
const ask = async (model: Model, changes: Partial<ChatRequest> = {}): Promise<ChatResult> =>
  collect(await peekFirst(model.chat(request(changes), { signal: never })));

const errorOf = async (work: Promise<unknown>): Promise<ProxyError> => {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof ProxyError) return error;
  throw new Error("No ProxyError was thrown.", { cause: error });
};

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const streamed: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event({ choices: [{ delta: { content: "Hi" } }] }));
  response.end(`${event({ choices: [{ delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 1 } })}data: [DONE]\n\n`);
};
const refused = (status: number, body: string, headers: Record<string, string> = {}): Answer => (response) => {
  response.writeHead(status, headers);
  response.end(body);
};

cases("asks for the model with its key and headers, streamed and with usage", () => withUpstream(streamed, async ({ model, asked }) => {
  const result = await ask(model, { maxOutputTokens: 5, sampling: { temperature: 0.5, topP: 1 } });
  assert.is(result.text, "Hi");
  assert.equal(result.usage, { inputTokens: 1, outputTokens: 1 });
  assert.is(asked[0]?.request.url, "/v1/chat/completions");
  assert.is(asked[0]?.request.headers.authorization, "Bearer secret");
  assert.is(asked[0]?.request.headers["x-team"], "tools");
  assert.equal(asked[0]?.body, {
    model: "m-1",
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    top_p: 1,
    max_tokens: 5,
  });
}, { apiKey: { value: "secret" }, headers: { "x-team": "tools" } }));

cases("hands on what the upstream does itself", () => withUpstream(streamed, async ({ model, asked }) => {
  const schema = { type: "object" };
  await ask(model, {
    tools: [{ name: "look", isStrict: true, inputSchema: schema }],
    singleToolCall: true,
    stopSequences: ["a", "b"],
    responseFormat: { type: "json-schema", name: "place", schema, isStrict: true },
    ignoredOptions: ["reasoning_effort"],
    extraOptions: { reasoning_effort: "low" },
  });
  const { tools, parallel_tool_calls: parallel, stop, response_format: format, reasoning_effort: effort } = asked[0]?.body ?? {};
  assert.equal(tools, [{ type: "function", function: { name: "look", parameters: schema, strict: true } }]);
  assert.is(parallel, false);
  assert.equal(stop, ["a", "b"]);
  assert.equal(format, { type: "json_schema", json_schema: { name: "place", schema, strict: true } });
  assert.is(effort, "low");
  await ask(model, { responseFormat: { type: "json" } });
  assert.equal(asked[1]?.body["response_format"], { type: "json_object" });
}));

cases("calls the limit as the model does, once it has refused the usual name", () => withUpstream((response, asked) => {
  const { body } = asked as IncomingMessage & { body: Record<string, unknown> };
  if (body["max_tokens"] === undefined) return streamed(response, asked);
  return refused(400, '{"error":{"message":"Unsupported parameter: \'max_tokens\'. Use \'max_completion_tokens\' instead."}}')(response, asked);
}, async ({ model, asked }) => {
  for (const _ of [1, 2]) assert.is((await ask(model, { maxOutputTokens: 5 })).text, "Hi");
  assert.equal(asked.map(({ body }) => [body["max_tokens"], body["max_completion_tokens"]]), [[5, undefined], [undefined, 5], [undefined, 5]]);
}));

cases("says what it does not hand on", () => withUpstream(streamed, async ({ model }) => {
  const { warnings } = await ask(model, { ignoredOptions: ["logprobs", "verbosity"], extraOptions: { verbosity: "low" } });
  assert.equal(warnings, ["logprobs is not passed on"]);
}));

cases("sends a whole tool conversation", () => withUpstream(streamed, async ({ model, asked }) => {
  await ask(model, {
    messages: [
      { role: "system", content: [{ type: "text", text: "Be brief." }] },
      { role: "user", content: [{ type: "text", text: "Look:" }, { type: "image", mediaType: "image/png", data: Buffer.from("png") }] },
      { role: "assistant", content: [], toolCalls: [{ id: "call_1", name: "look", argumentsText: "{}" }] },
      { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "seen" }] },
    ],
    tools: [{ name: "look", description: "Looks.", inputSchema: { type: "object" } }],
    toolChoice: { name: "look" },
  });
  assert.equal(asked[0]?.body["messages"], [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "Look:" }, { type: "image_url", image_url: { url: "data:image/png;base64,cG5n" } }] },
    { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "call_1", content: "seen" },
  ]);
  assert.equal(asked[0]?.body["tools"], [{ type: "function", function: { name: "look", description: "Looks.", parameters: { type: "object" } } }]);
  assert.equal(asked[0]?.body["tool_choice"], { type: "function", function: { name: "look" } });
}));

cases("asks again over the same connection", () => withUpstream(streamed, async ({ model, asked }) => {
  await ask(model);
  // The pool takes the connection back in the turn after the answer's end.
  await new Promise((resolve) => void setImmediate(resolve));
  await ask(model);
  assert.is(asked[0]?.clientPort, asked[1]?.clientPort);
}));

cases("passes on the upstream's error with its status, words and wait", () =>
  withUpstream(refused(429, '{"error":{"message":"slow down"}}', { "retry-after": "7" }), async ({ model }) => {
    const error = await errorOf(ask(model));
    assert.is(error.status, 429);
    assert.is(error.type, "rate_limit_error");
    assert.is(error.message, "The upstream test answered 429: slow down");
    assert.is(error.retryAfterMs, 7000);
  }));

cases("passes on the codes that clients act on, and the field; a quota that is used up is not tried again", async () => {
  const errorFrom = async (status: number, error: object): Promise<unknown> => {
    let seen: unknown;
    await withUpstream(refused(status, JSON.stringify({ error })), async ({ model }) => {
      const { code, param, isRetryable } = await errorOf(ask(model));
      seen = [code, param, isRetryable];
    });
    return seen;
  };
  assert.equal(await errorFrom(400, { message: "too long", code: "context_length_exceeded", param: "messages" }), ["context_length_exceeded", "messages", undefined]);
  assert.equal(await errorFrom(429, { message: "no more", code: "insufficient_quota" }), ["insufficient_quota", null, false]);
  assert.equal(await errorFrom(400, { message: "no", code: "x-1234" }), [null, null, undefined]);
  assert.equal(await errorFrom(503, { message: "busy", code: 7, param: 7 }), ["upstream_error", null, undefined]);
});

cases("passes on what the upstream says of its limits, with an answer and with an error", async () => {
  const limits = { "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-tokens": "6m0s" };
  await withUpstream(refused(429, "{}", { ...limits, "x-other": "1" }), async ({ model }) => assert.equal((await errorOf(ask(model))).headers, limits));
  await withUpstream((response, asked) => {
    for (const [name, value] of Object.entries(limits)) response.setHeader(name, value);
    streamed(response, asked);
  }, async ({ model }) => {
    const told: unknown[] = [];
    await peekFirst(model.chat(request(), { signal: never, onHeaders: (headers) => told.push(headers) }));
    assert.equal(told, [limits]);
  });
});

cases("says 400 for a status that SDKs would send again or do not know", async () => {
  for (const status of [409, 422]) {
    await withUpstream(refused(status, '{"detail":"no"}'), async ({ model }) => assert.is((await errorOf(ask(model))).status, 400));
  }
});

cases("keeps a page for people out of its error", () => withUpstream(refused(500, "<html>secret stack</html>"), async ({ model }) => {
  assert.is((await errorOf(ask(model))).message, "The upstream test answered 500.");
}));

cases("names an upstream that does not run, and what to do", async () => {
  let url = "";
  let model: Model | undefined;
  await withUpstream(streamed, async (upstream) => void ({ baseUrl: url, model } = upstream));
  assert.ok(model);
  const error = await errorOf(ask(model));
  assert.is(error.status, 502);
  assert.is(error.message, `The upstream test at ${new URL(url).origin} refused the connection: start it, or correct its baseUrl in .llmproxy.yaml.`);
});

cases("tells a connection that broke in the middle from an end", () => withUpstream((response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event({ choices: [{ delta: { content: "Hi" } }] }), () => response.destroy());
}, async ({ model }) => {
  const error = await errorOf(ask(model));
  assert.is(error.status, 502);
  assert.match(error.message, "closed the connection in the middle");
}));

cases("stops the upstream when the client leaves, before the head and in the middle", async () => {
  for (const writesFirst of [false, true]) {
    const left = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    await withUpstream((response) => {
      response.once("close", () => left.resolve());
      if (writesFirst) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(event({ choices: [{ delta: { content: "Hi" } }] }));
      }
      reached.resolve();
    }, async ({ model }) => {
      const abort = new AbortController();
      const parts = model.chat(request(), { signal: abort.signal })[Symbol.asyncIterator]();
      const first = parts.next();
      await reached.promise;
      if (writesFirst) await first;
      abort.abort();
      await left.promise;
      assert.is((await (writesFirst ? parts.next() : first)).done, true);
    });
  }
});

cases("makes vectors of texts, in the order of the texts", () => withUpstream((response) => {
  response.end('{"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":4}}');
}, async ({ model, asked }) => {
  assert.ok(model.embed);
  assert.equal(await model.embed({ model: "alias", inputs: ["a", [7]], dimensions: 1 }, { signal: never }), { vectors: [[1], [2]], inputTokens: 4 });
  assert.is(asked[0]?.request.url, "/v1/embeddings");
  assert.equal(asked[0]?.body, { model: "m-1", input: ["a", [7]], encoding_format: "float", dimensions: 1 });
}));

cases("vectors in base64 are read too; what they cost is counted where it is not told; limits are passed on", () => withUpstream((response) => {
  const embedding = Buffer.from(new Float32Array([0.5, -2]).buffer).toString("base64");
  response.writeHead(200, { "x-ratelimit-remaining-tokens": "9" }).end(JSON.stringify({ data: [{ index: 0, embedding }, { index: 1, embedding: [1] }] }));
}, async ({ model }) => {
  const told: unknown[] = [];
  const result = await model.embed?.({ model: "alias", inputs: ["Hello world", [7, 8, 9]] }, { signal: never, onHeaders: (headers) => told.push(headers) });
  assert.equal(result, { vectors: [[0.5, -2], [1]], inputTokens: 5 });
  assert.equal(told, [{ "x-ratelimit-remaining-tokens": "9" }]);
}));

cases("an answer without a vector for each text is an error, and so is the upstream's own", async () => {
  for (const body of ['{"data":[]}', "<html>", "null", '{"data":[{"embedding":"text"}]}']) {
    await withUpstream((response) => response.end(body), async ({ model }) => {
      assert.is((await errorOf(Promise.resolve(model.embed?.({ model: "alias", inputs: ["a"] }, { signal: never })))).message, "The upstream test gave 0 vectors for 1 inputs.");
    });
  }
  await withUpstream(refused(404, '{"error":{"message":"no such model"}}'), async ({ model }) => {
    assert.is((await errorOf(Promise.resolve(model.embed?.({ model: "alias", inputs: ["a"] }, { signal: never })))).status, 404);
  });
});

cases("counts each answer that tells no usage, and says so beforehand of a model that has never told one", () => {
  let usage: object | undefined;
  return withUpstream((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(event({ choices: [{ delta: { content: "Hello world, how are you?" } }] }));
    response.end(`${event({ choices: [{ delta: {}, finish_reason: "stop" }], ...(usage === undefined ? {} : { usage }) })}data: [DONE]\n\n`);
  }, async ({ model }) => {
    const warning = "the upstream test tells no usage: what is told is an estimate";
    for (const _ of ["the first time at the end, when it is known", "then at once"]) {
      const { usage: counted, warnings } = await ask(model);
      assert.equal([counted, warnings], [{ inputTokens: 1, outputTokens: 7 }, [warning]]);
    }
    assert.equal((await peekFirst(model.chat(request(), { signal: never }))).first[0], { type: "warning", message: warning });
    usage = { prompt_tokens: 5, completion_tokens: 6 };
    assert.equal((await ask(model)).usage, { inputTokens: 5, outputTokens: 6 });
    usage = undefined;
    const silent = await ask(model);
    assert.equal([silent.usage, silent.warnings], [{ inputTokens: 1, outputTokens: 7 }, [warning]]);
    assert.equal((await peekFirst(model.chat(request(), { signal: never }))).first[0], { type: "text-delta", text: "Hello world, how are you?" });
  });
});

cases("what one model tells of its usage says nothing of another", () => {
  const usage = { prompt_tokens: 5, completion_tokens: 6 };
  return withUpstream((response, { body }: IncomingMessage & { body?: { model?: string } }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(event({ choices: [{ delta: { content: "Hello world" }, finish_reason: "stop" }], ...(body?.model === "talks" ? { usage } : {}) }));
  }, async ({ baseUrl }) => {
    const connections = createConnections();
    const host = createUpstreamHost([{ name: "test", baseUrl, apiKey: "none", headers: {} }], connections, systemClock);
    const answerOf = async (model: string): Promise<ChatResult> => {
      const resolution = await host.resolve({ kind: "upstream", upstream: "test", model }, { requestedName: model });
      if (!("model" in resolution)) throw new Error(resolution.unavailable);
      return ask(resolution.model);
    };
    for (const _ of ["the first time", "and from then on"]) {
      assert.equal((await answerOf("talks")).usage, { inputTokens: 5, outputTokens: 6 });
      const silent = await answerOf("silent");
      assert.equal([silent.usage, silent.warnings], [{ inputTokens: 1, outputTokens: 2 }, ["the upstream test tells no usage: what is told is an estimate"]]);
    }
    assert.equal((await answerOf("talks")).warnings, []);
    await connections.close();
  });
});

cases("asks nothing while the key's reference is unset", async () => {
  const host = createUpstreamHost([{ name: "test", baseUrl: "http://127.0.0.1:1/v1", apiKey: "unset", headers: {} }], createConnections(), systemClock);
  const resolution = await host.resolve({ kind: "upstream", upstream: "test", model: "x" }, { requestedName: "x" });
  assert.equal(resolution, { unavailable: "The apiKey of the upstream test refers to something that is not set." });
});

cases("lists the upstream's models, and none of one that is down", async () => {
  const connections = createConnections();
  const down = createUpstreamHost([{ name: "down", baseUrl: "http://127.0.0.1:1/v1", apiKey: "none", headers: {} }], connections, systemClock);
  assert.equal(await down.listModels(), []);
  await connections.close();
  await withUpstream((response) => response.end('{"data":[{"id":"a/b"},{"id":"c"}]}'), async ({ baseUrl }) => {
    const open = createConnections();
    const models = await createUpstreamHost([{ name: "up", baseUrl, apiKey: "none", headers: {} }], open, systemClock).listModels();
    assert.equal(models.map(({ vendor, id }) => `${vendor}/${id}`), ["up/a/b", "up/c"]);
    await open.close();
  });
});

cases.run();
