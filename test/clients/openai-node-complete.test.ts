// OpenAI's own client for Node, as it is, with models that can do nothing but speak: what it asks for beyond is done around them.
import OpenAI, { BadRequestError, type ClientOptions } from "openai";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { weather, withServed } from "./served.ts";

type Messages = OpenAI.ChatCompletionMessageParam[];

const say = (content: string): Messages => [{ role: "user", content }];

const withClient = (work: (client: OpenAI) => Promise<void>, options: ClientOptions = {}): Promise<void> =>
  withServed((server) => work(new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "unused", maxRetries: 0, ...options })));

const png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const place = {
  type: "json_schema" as const,
  json_schema: {
    name: "place",
    strict: true,
    schema: { type: "object", properties: { city: { type: "string" }, people: { type: "integer" } }, required: ["city", "people"], additionalProperties: false },
  },
};

const npm = suite("clients/openai-node-complete");

npm("parallel calls and their results, by their ids", () =>
  withClient(async (client) => {
    const messages = say("The weather?");
    const { choices } = await client.chat.completions.create({ model: "traveller", messages, tools: [weather] });
    const calls = choices[0]?.message.tool_calls?.flatMap((call) => (call.type === "function" ? [call] : [])) ?? [];
    assert.equal(calls.map(({ id, function: { arguments: text } }) => [id, JSON.parse(text) as unknown]), [["call_bern", { city: "Bern" }], ["call_rome", { city: "Rome" }]]);
    if (choices[0] === undefined) throw new Error("There is no choice.");
    const results: Messages = calls.toReversed().map(({ id }) => ({ role: "tool", tool_call_id: id, content: `result of ${id}` }));
    const second = await client.chat.completions.create({ model: "traveller", tools: [weather], messages: [...messages, choices[0].message, ...results] });
    assert.is(second.choices[0]?.message.content, "call_rome: result of call_rome, call_bern: result of call_bern");
  }));

npm("parallel calls in a stream, put together by the helper, each at its index", () =>
  withClient(async (client) => {
    const stream = client.chat.completions.stream({ model: "traveller", messages: say("The weather?"), tools: [weather] });
    const done: unknown[] = [];
    stream.on("tool_calls.function.arguments.done", ({ index, arguments: text }) => void done.push([index, text]));
    const calls = (await stream.finalChatCompletion()).choices[0]?.message.tool_calls ?? [];
    assert.equal(calls.map((call) => call.type === "function" && call.function.arguments), ['{"city":"Bern"}', '{"city":"Rome"}']);
    assert.equal(done, [[0, '{"city":"Bern"}'], [1, '{"city":"Rome"}']]);
  }));

npm("the helper that runs tools runs both", () =>
  withClient(async (client) => {
    const runner = client.chat.completions.runTools({
      model: "traveller",
      messages: say("The weather?"),
      tools: [{ type: "function", function: { ...weather.function, parse: JSON.parse, function: (args: unknown) => `sun in ${(args as { city: string }).city}` } }],
    });
    assert.is(await runner.finalContent(), "call_bern: sun in Bern, call_rome: sun in Rome");
  }));

npm("one call at a time, where it is asked for", () =>
  withClient(async (client) => {
    const { choices } = await client.chat.completions.create({ model: "traveller", messages: say("The weather?"), tools: [weather], parallel_tool_calls: false });
    assert.equal(choices[0]?.message.tool_calls?.map(({ id }) => id), ["call_bern"]);
  }));

npm("a call of one of many tools is made, also by a model that would rather talk", () =>
  withClient(async (client) => {
    const other = { type: "function" as const, function: { name: "other" } };
    const { choices } = await client.chat.completions.create({ model: "talker", messages: say("Hi"), tools: [other, weather], tool_choice: "required" });
    const [call] = choices[0]?.message.tool_calls ?? [];
    assert.equal([choices[0]?.finish_reason, choices[0]?.message.content, call?.type === "function" && call.function], ["tool_calls", null, { name: "weather", arguments: '{"city":"Bern"}' }]);
  }));

npm("functions, as there were before tools", () =>
  withClient(async (client) => {
    const { choices } = await client.chat.completions.create({ model: "traveller", messages: say("The weather?"), functions: [weather.function] });
    assert.equal([choices[0]?.finish_reason, choices[0]?.message.function_call], ["function_call", { name: "weather", arguments: '{"city":"Bern"}' }]);
  }));

npm("an image as data, and one by an address that may not be asked", () =>
  withClient(async (client) => {
    const see = (url: string) => client.chat.completions.create({ model: "seer", messages: [{ role: "user", content: [{ type: "text", text: "See" }, { type: "image_url", image_url: { url } }] }] });
    assert.is((await see(png)).choices[0]?.message.content, "image/png of 70 bytes");
    const error: unknown = await see("http://169.254.169.254/latest").then(() => undefined, (thrown: unknown) => thrown);
    assert.instance(error, BadRequestError);
    assert.is((error as BadRequestError).param, "messages[0].content[1].image_url.url");
  }));

npm("the helper that parses gets a value that is valid, though the first answer was not", () =>
  withClient(async (client) => {
    const { choices } = await client.chat.completions.parse({ model: "clerk", messages: say("Where?"), response_format: place });
    assert.equal(choices[0]?.message.parsed, { city: "Bern", people: 140_000 });
  }));

npm("and so does the one that streams", () =>
  withClient(async (client) => {
    const { choices } = await client.chat.completions.stream({ model: "clerk", messages: say("Where?"), response_format: place }).finalChatCompletion();
    assert.equal(choices[0]?.message.parsed, { city: "Bern", people: 140_000 });
  }));

npm("a refusal is one, whole and streamed", () =>
  withClient(async (client) => {
    const { choices } = await client.chat.completions.parse({ model: "refuser", messages: say("Where?"), response_format: place });
    assert.equal([choices[0]?.message.refusal, choices[0]?.message.parsed, choices[0]?.message.content], ["I will not.", null, null]);
    const streamed = await client.chat.completions.stream({ model: "refuser", messages: say("Where?") }).finalChatCompletion();
    assert.is(streamed.choices[0]?.message.refusal, "I will not.");
  }));

npm("several choices, whole and streamed", () =>
  withClient(async (client) => {
    const asked = { model: "echo", messages: say("Hello there"), n: 3 };
    const whole = await client.chat.completions.create(asked);
    assert.equal(whole.choices.map(({ index, message }) => [index, message.content]), [[0, "Hello there"], [1, "Hello there"], [2, "Hello there"]]);
    assert.is(whole.usage?.completion_tokens, 6);
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    assert.equal(streamed.choices.map(({ index, message, finish_reason: reason }) => [index, message.content, reason]), [0, 1, 2].map((index) => [index, "Hello there", "stop"]));
  }));

npm("stop sequences", () =>
  withClient(async (client) => {
    const { choices, usage } = await client.chat.completions.create({ model: "echo", messages: say("one two three four"), stop: ["four", "o t"] });
    assert.equal([choices[0]?.message.content, choices[0]?.finish_reason], ["one tw", "stop"]);
    assert.is(usage?.completion_tokens, 2);
  }));

npm("the older completions, whole and streamed", () =>
  withClient(async (client) => {
    const whole = await client.completions.create({ model: "echo", prompt: "Once upon a time", stop: " time", echo: true });
    assert.equal([whole.object, whole.choices[0]?.text, whole.choices[0]?.finish_reason], ["text_completion", "Once upon a timeOnce upon a", "stop"]);
    let text = "";
    for await (const { choices } of await client.completions.create({ model: "echo", prompt: "Once upon", stream: true })) text += choices[0]?.text ?? "";
    assert.is(text, "Once upon");
  }));

npm("embeddings, as base64 that the client asks for by itself, and as numbers", () =>
  withClient(async (client) => {
    for (const format of [undefined, "float" as const]) {
      const { data, usage } = await client.embeddings.create({ model: "seer", input: ["a", "abc"], ...(format === undefined ? {} : { encoding_format: format }) });
      assert.equal([data.map(({ embedding }) => Array.from(embedding)), usage.total_tokens], [[[1, 0.5], [3, 0.5]], 2]);
    }
  }));

npm.run();
