// OpenAI's own client for Node, as it is.
import OpenAI, {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  type ClientOptions,
} from "openai";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { TestServer } from "../support/test-server.ts";
import { countRequests, key, weather, withServed } from "./served.ts";

type Messages = OpenAI.ChatCompletionMessageParam[];

const say = (content: string): Messages => [{ role: "user", content }];

interface Asked {
  readonly client: OpenAI;
  readonly server: TestServer;
}

const withClient = (work: (asked: Asked) => Promise<void>, { path = "/v1", ...options }: ClientOptions & { path?: string } = {}): Promise<void> =>
  withServed((server) => work({ server, client: new OpenAI({ baseURL: `${server.url}${path}`, apiKey: "unused", maxRetries: 0, ...options }) }));

/** What `work` fails with. */
const failureOf = async (work: Promise<unknown>): Promise<APIError> => {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof APIError) return error;
  throw new Error(`It did not fail as it should have: ${String(error)}`);
};

const npm = suite("clients/openai-node");

npm("a whole answer", () =>
  withClient(async ({ client }) => {
    const { data: completion, request_id: requestId } = await client.chat.completions.create({ model: "echo", messages: say("Hello, you there") }).withResponse();
    assert.match(completion.id, /^chatcmpl-/);
    assert.equal([completion.object, completion.model, requestId], ["chat.completion", "echo", "req-1"]);
    const [choice] = completion.choices;
    assert.equal([choice?.message.role, choice?.message.content, choice?.finish_reason], ["assistant", "Hello, you there", "stop"]);
    assert.equal(completion.usage, { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 });
  }));

npm("a stream, with its usage", () =>
  withClient(async ({ client }) => {
    const stream = await client.chat.completions.create({ model: "echo", messages: say("Hello, you 😀"), stream: true, stream_options: { include_usage: true } });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.is(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), "Hello, you 😀");
    assert.is(chunks[0]?.choices[0]?.delta.role, "assistant");
    assert.equal(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []), ["stop"]);
    assert.equal(chunks.at(-1)?.usage, { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 });
    assert.equal(chunks.filter(({ choices }) => choices.length === 0).length, 1);
  }));

npm("a stream without usage has a choice in every chunk", () =>
  withClient(async ({ client }) => {
    const stream = await client.chat.completions.create({ model: "long", messages: say("x"), stream: true });
    let count = 0;
    for await (const chunk of stream) {
      assert.is(chunk.choices.length, 1);
      count += 1;
    }
    assert.is(count, 502, "the role, 500 parts, the finish");
  }));

npm("the streaming helper puts the answer together", () =>
  withClient(async ({ client }) => {
    const stream = client.chat.completions.stream({ model: "echo", messages: say("Hello, you there"), stream_options: { include_usage: true } });
    const snapshots: string[] = [];
    stream.on("content", (_delta, snapshot) => void snapshots.push(snapshot));
    const completion = await stream.finalChatCompletion();
    assert.equal(snapshots.at(-1), "Hello, you there");
    assert.equal([completion.choices[0]?.message.content, completion.usage?.total_tokens], ["Hello, you there", 6]);
  }));

npm("an answer ends at the limit of its tokens", () =>
  withClient(async ({ client }) => {
    const { choices } = await client.chat.completions.create({ model: "echo", messages: say("one two three"), max_completion_tokens: 2 });
    assert.equal([choices[0]?.message.content, choices[0]?.finish_reason], ["one two ", "length"]);
  }));

npm("the list of models, and one of them, its id with a slash", () =>
  withClient(async ({ client }) => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.equal(ids.slice(0, 3), ["echo", "team/echo", "long"]);
    assert.equal(await client.models.retrieve("team/echo").then(({ id, object, owned_by }) => ({ id, object, owned_by })), { id: "team/echo", object: "model", owned_by: "echo" });
  }));

npm("a tool's call and its result", () =>
  withClient(async ({ client }) => {
    const messages = say('CALLTOOL weather {"city": "Bern"}');
    const first = await client.chat.completions.create({ model: "echo", messages, tools: [weather] });
    const [choice] = first.choices;
    const [call] = choice?.message.tool_calls ?? [];
    if (choice === undefined || call?.type !== "function") throw new Error("There is no call.");
    assert.equal([choice.finish_reason, choice.message.content], ["tool_calls", null]);
    assert.equal([call.function.name, JSON.parse(call.function.arguments)], ["weather", { city: "Bern" }]);
    const second = await client.chat.completions.create({
      model: "echo",
      tools: [weather],
      messages: [...messages, choice.message, { role: "tool", tool_call_id: call.id, content: "Sunny" }],
    });
    assert.is(second.choices[0]?.finish_reason, "stop");
  }));

npm("a tool's call in a stream, put together by the helper", () =>
  withClient(async ({ client }) => {
    const stream = client.chat.completions.stream({ model: "echo", messages: say("Hi"), tools: [weather], tool_choice: "required" });
    const { choices } = await stream.finalChatCompletion();
    const [call] = choices[0]?.message.tool_calls ?? [];
    if (call?.type !== "function") throw new Error("There is no call.");
    assert.equal([call.function.name, call.function.arguments, choices[0]?.finish_reason], ["weather", '{"city":"xx"}', "tool_calls"]);
  }));

npm("the helper that runs tools has its conversation to the end", () =>
  withClient(async ({ client }) => {
    const asked: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model: "echo",
      messages: say('CALLTOOL weather {"city": "Bern"}'),
      tools: [{
        type: "function",
        function: {
          ...weather.function,
          parse: JSON.parse,
          function(args: unknown) {
            asked.push(args);
            return "Sunny";
          },
        },
      }],
    });
    assert.match(await runner.finalContent() ?? "", "CALLTOOL weather");
    assert.equal(asked, [{ city: "Bern" }]);
  }));

npm("401: AuthenticationError", () =>
  withClient(async ({ client }) => {
    const error = await failureOf(client.models.list().withResponse());
    assert.instance(error, AuthenticationError);
    assert.equal([error.status, error.code, error.type], [401, "invalid_api_key", "invalid_request_error"]);
    assert.match(error.message, "needs a key");
  }, { path: "/locked" }));

npm("a key that is right opens the route", () =>
  withClient(async ({ client }) => {
    assert.is((await client.chat.completions.create({ model: "echo", messages: say("in") })).choices[0]?.message.content, "in");
  }, { path: "/locked", apiKey: key }));

npm("404: NotFoundError, for a model and for a path", () =>
  withClient(async ({ client }) => {
    const model = await failureOf(client.chat.completions.create({ model: "eco", messages: say("x") }));
    assert.instance(model, NotFoundError);
    assert.equal([model.code, model.param, model.requestID], ["model_not_found", "model", "req-1"]);
    assert.match(model.message, '404 No model is named "eco". Use echo');
    const path = await failureOf(client.post("/nowhere", { body: {} }));
    assert.instance(path, NotFoundError);
    assert.is(path.code, "not_found");
  }));

npm("400: BadRequestError that names the field", () =>
  withClient(async ({ client }) => {
    const error = await failureOf(client.chat.completions.create({ model: "echo", messages: [] }));
    assert.instance(error, BadRequestError);
    assert.equal([error.param, error.code, error.message], ["messages", null, "400 There must be at least one message."]);
    assert.instance(await failureOf(client.chat.completions.create({ model: "fails-400", messages: say("x") })), BadRequestError);
  }));

npm("403: PermissionDeniedError for a web page of somebody else", () =>
  withClient(async ({ client }) => {
    const error = await failureOf(client.models.list({ headers: { origin: "https://evil.test" } }).withResponse());
    assert.instance(error, PermissionDeniedError);
    assert.is(error.code, "permission_denied");
  }));

for (const size of [1_100_000, 30_000_000]) {
  npm(`413 for a body of ${size} bytes, told and not just broken off`, () =>
    withClient(async ({ client, server }) => {
      const error = await failureOf(client.chat.completions.create({ model: "echo", messages: say("x".repeat(size)) }));
      assert.equal([error.status, error.code], [413, "request_too_large"]);
      assert.is((await fetch(`${server.url}/health`)).status, 200);
    }));
}

npm("429: RateLimitError", () =>
  withClient(async ({ client }) => {
    const error = await failureOf(client.chat.completions.create({ model: "fails-429", messages: say("x") }));
    assert.instance(error, RateLimitError);
    assert.is(error.code, "rate_limit_exceeded");
  }));

npm("5xx: InternalServerError, tried again as often as the client likes", () =>
  withClient(async ({ client, server }) => {
    const error = await failureOf(client.chat.completions.create({ model: "fails-503", messages: say("x") }));
    assert.instance(error, InternalServerError);
    assert.equal([error.status, countRequests(server)], [503, 2]);
  }, { maxRetries: 1 }));

npm("what trying again cannot mend is not tried again", () =>
  withClient(async ({ client, server }) => {
    const error = await failureOf(client.chat.completions.create({ model: "nobody", messages: say("x") }));
    assert.equal([error.status, error.code, countRequests(server)], [503, "model_unavailable", 1]);
  }, { maxRetries: 2 }));

npm("a failure before the first part of a stream is an error of its own class", () =>
  withClient(async ({ client }) => {
    assert.instance(await failureOf(client.chat.completions.create({ model: "fails-429", messages: say("x"), stream: true })), RateLimitError);
  }));

npm("a failure in the middle of a stream is thrown, after what came before it", () =>
  withClient(async ({ client }) => {
    const stream = await client.chat.completions.create({ model: "fails-later", messages: say("x"), stream: true });
    let text = "";
    const error = await failureOf((async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    })());
    assert.is(text, `${"x".repeat(19)} `.repeat(3));
    assert.equal([error.code, error.type], ["upstream_error", "server_error"]);
    assert.match(error.message, "set to fail with 503");
  }));

npm("a stream that is stopped stops the model", () =>
  withClient(async ({ client, server }) => {
    const stream = await client.chat.completions.create({ model: "endless", messages: say("x"), stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    assert.is((await server.nextEnd()).fields["ended"], "client-left");
  }));

npm("a request that is aborted stops the model", () =>
  withClient(async ({ client, server }) => {
    const abort = new AbortController();
    const asked = client.chat.completions.create({ model: "endless", messages: say("x") }, { signal: abort.signal });
    // A request after it, told in the log: by then the first one is being answered.
    await fetch(`${server.url}/v1/nothing`);
    await server.nextEnd();
    abort.abort();
    assert.instance(await failureOf(asked), APIUserAbortError);
    assert.is((await server.nextEnd()).fields["ended"], "client-left");
  }));

npm.run();
