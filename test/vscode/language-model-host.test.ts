import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collect, peekFirst, type Batch } from "../../src/chat/call.ts";
import type { StreamPart } from "../../src/chat/part.ts";
import type { ChatRequest } from "../../src/chat/request.ts";
import { ProxyError } from "../../src/errors.ts";
import type { Model, ModelHost, SelectorTarget } from "../../src/models/host.ts";
import { createLanguageModelHost } from "../../src/vscode/language-model-host.ts";
import {
  createEditorModels, dataPart, EditorModelError, textPart, thinkingPart, toolCallPart, usagePart,
  type EditorModels, type EditorModelsOptions, type ProviderCall,
} from "../support/editor-models.ts";

interface Scene {
  readonly editor: EditorModels;
  readonly host: ModelHost;
  /** What the log was told, an event with its fields in each line. */
  readonly logged: readonly string[];
}

const gpt = { id: "gpt-4o", family: "gpt-4o" };

const setUp = (options: EditorModelsOptions = {}, providers: readonly string[] = ["copilot"]): Scene => {
  const editor = createEditorModels(options);
  editor.offer([gpt]);
  const logged: string[] = [];
  const note = (event: string, fields?: object): void => void logged.push(`${event} ${JSON.stringify(fields ?? {})}`);
  const host = createLanguageModelHost({ api: editor.api, clock: editor.clock, log: { debug: note, info: note, warn: note, error: note }, providers: () => new Map(providers.map((vendor) => [vendor, `The extension of ${vendor}`])) });
  return { editor, host, logged };
};

const resolve = async (host: ModelHost, target: Omit<SelectorTarget, "kind">, requestedName = "any"): Promise<Model> => {
  const resolution = await host.resolve({ kind: "selector", ...target }, { requestedName });
  if ("unavailable" in resolution) throw new Error(resolution.unavailable);
  return resolution.model;
};

const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "gpt-4",
  messages: [{ role: "user", content: [{ type: "text", text: "one two" }] }],
  tools: [],
  toolChoice: "auto",
  sampling: {},
  ignoredOptions: [],
  ...fields,
});

interface Reading {
  readonly batches: Batch[];
  /** What it ended with; absent = an end without an error. */
  readonly ended: Promise<unknown>;
  readonly controller: AbortController;
}

/** Reads an answer as fast as it comes. */
const read = (model: Model, asked = request()): Reading => {
  const controller = new AbortController();
  const batches: Batch[] = [];
  const run = async (): Promise<unknown> => {
    try {
      for await (const batch of model.chat(asked, { signal: controller.signal })) batches.push(batch);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  return { batches, ended: run(), controller };
};

/** Asks copilot/gpt-4o; gives the reader's end and the provider's. */
const ask = async ({ editor, host }: Scene, asked = request()): Promise<{ reading: Reading; call: ProviderCall }> => {
  const model = await resolve(host, { vendor: "copilot", familyOrId: "gpt-4o" });
  const reading = read(model, asked);
  return { reading, call: await editor.nextCall() };
};

const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));
const text = (value: string): StreamPart => ({ type: "text-delta", text: value });

const errorOf = async (reading: Reading): Promise<ProxyError> => {
  const error = await reading.ended;
  if (!(error instanceof ProxyError)) throw new Error(`expected a ProxyError, got ${String(error)}`);
  return error;
};

const answers = suite("vscode/language-model-host: answers");

answers("hands on text and ends with the usage that the model tells, which is no text", async () => {
  const { reading, call } = await ask(setUp());
  call.report(textPart("Hello"), textPart(" there"), usagePart(11, 20));
  call.end();
  assert.is(await reading.ended, undefined);
  assert.equal(reading.batches.flat(), [
    text("Hello"), text(" there"),
    { type: "finish", finishReason: "stop", usage: { inputTokens: 11, outputTokens: 20 } },
  ]);
});

answers("makes one batch of what comes in one turn, and lets the first part go ahead", async () => {
  const scene = setUp();
  const { reading, call } = await ask(scene);
  call.report(...Array.from({ length: 31 }, (_, index) => textPart(String(index))));
  await turn();
  await turn();
  assert.equal(reading.batches.map((batch) => batch.length), [1, 30]);
  call.report(...Array.from({ length: 31 }, () => textPart("x")));
  await turn();
  await turn();
  assert.equal(reading.batches.map((batch) => batch.length), [1, 30, 31]);
  reading.controller.abort();
  await reading.ended;
});

answers("tells thinking from text, and leaves out empty parts and a provider's notes to itself", async () => {
  const { reading, call } = await ask(setUp());
  call.report(textPart(""), thinkingPart(["a", "b"]), dataPart("stateful_marker", "secret"), thinkingPart(""), textPart("c"));
  call.end();
  await reading.ended;
  assert.equal(reading.batches.flat().slice(0, -1), [{ type: "reasoning-delta", text: "ab" }, text("c")]);
});

answers("takes a tool call apart, and ends for its sake", async () => {
  const { reading, call } = await ask(setUp());
  call.report(toolCallPart("call_a", "add", { a: 1 }), toolCallPart("", "now", {}), usagePart(1, 2));
  call.end();
  await reading.ended;
  const parts = reading.batches.flat();
  const [, , , second] = parts;
  const id = second?.type === "tool-call-start" ? second.id : "";
  assert.match(id, /^call_\w{24}$/);
  assert.equal(parts, [
    { type: "tool-call-start", id: "call_a", name: "add" },
    { type: "tool-call-delta", id: "call_a", argumentsText: '{"a":1}' },
    { type: "tool-call-end", id: "call_a" },
    { type: "tool-call-start", id, name: "now" },
    { type: "tool-call-delta", id, argumentsText: "{}" },
    { type: "tool-call-end", id },
    { type: "finish", finishReason: "tool-calls", usage: { inputTokens: 1, outputTokens: 2 } },
  ]);
});

answers("tells what of the usage was kept or thought, and nothing of a usage that is none", async () => {
  const scene = setUp();
  const usageOf = async (told: string): Promise<unknown> => {
    const { reading, call } = await ask(scene);
    call.report(textPart("x"), dataPart("usage", told));
    call.end();
    await reading.ended;
    const last = reading.batches.flat().at(-1);
    return last?.type === "finish" ? last.usage : undefined;
  };
  for (const told of ["", "null", "{}", '{"prompt_tokens":-1,"completion_tokens":1}', '{"prompt_tokens":1.5,"completion_tokens":1}']) {
    assert.equal(await usageOf(told), { inputTokens: 2, outputTokens: 1 }, "counted");
  }
  assert.equal(
    await usageOf('{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}'),
    { inputTokens: 9, outputTokens: 5, cachedInputTokens: 4, reasoningTokens: 3 },
  );
});

answers("hands on arguments that are a text already, and none as an empty object", async () => {
  const { reading, call } = await ask(setUp());
  call.report(toolCallPart("1", "add", '{"a":1}' as unknown as object), toolCallPart("2", "now", undefined as unknown as object));
  call.end();
  await reading.ended;
  assert.equal(reading.batches.flat().flatMap((part) => (part.type === "tool-call-delta" ? [part.argumentsText] : [])), ['{"a":1}', "{}"]);
});

answers("counts the usage itself where the model does not tell it", async () => {
  const { reading, call } = await ask(setUp());
  call.report(textPart("three words "), textPart("more"));
  call.end();
  await reading.ended;
  assert.equal(reading.batches.flat().at(-1), { type: "finish", finishReason: "stop", usage: { inputTokens: 2, outputTokens: 3 } });
});

answers("waits a second for a count, and ends without one", async () => {
  const scene = setUp();
  const asked = Promise.withResolvers<void>();
  scene.editor.countTokens = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  const { reading, call } = await ask(scene);
  call.report(textPart("x"));
  call.end();
  await asked.promise;
  scene.editor.clock.advance(1000);
  await reading.ended;
  assert.equal(reading.batches.flat().at(-1), { type: "finish", finishReason: "stop" });
});

answers("takes a count of nothing for none", async () => {
  const scene = setUp();
  scene.editor.countTokens = () => 0;
  const { reading, call } = await ask(scene);
  call.report(textPart("x"));
  call.end();
  await reading.ended;
  assert.equal(reading.batches.flat().at(-1), { type: "finish", finishReason: "stop" });
});

answers("takes a count that throws for none", async () => {
  const scene = setUp();
  scene.editor.countTokens = () => {
    throw new Error("no tokenizer");
  };
  const { reading, call } = await ask(scene);
  call.report(textPart("x"));
  call.end();
  assert.is(await reading.ended, undefined);
  assert.equal(reading.batches.flat().at(-1), { type: "finish", finishReason: "stop" });
});

answers("knows an answer that was cut for length by its missing usage, where the model has told its usage before, and counts it", async () => {
  const scene = setUp();
  const whole = await ask(scene);
  whole.call.report(textPart("x"), usagePart(1, 1));
  whole.call.end();
  await whole.reading.ended;
  const cut = await ask(scene);
  cut.call.report(textPart("x"), textPart(" y"));
  cut.call.end();
  await cut.reading.ended;
  assert.equal(cut.reading.batches.flat().at(-1), { type: "finish", finishReason: "length", usage: { inputTokens: 2, outputTokens: 2 } });
});

answers("gives an answer without a part away as empty, and one that only tells its usage as said", async () => {
  const scene = setUp();
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const begin = (): Promise<unknown> => peekFirst(model.chat(request(), { signal: new AbortController().signal })).then(collect).catch((error: unknown) => error);
  const empty = begin();
  (await scene.editor.nextCall()).end();
  assert.is((await empty as Error).name, "EmptyAnswerError");
  const silent = begin();
  const call = await scene.editor.nextCall();
  call.report(usagePart(3, 0));
  call.end();
  assert.is((await silent as { finishReason: string }).finishReason, "stop");
});

answers.run();

const leaving = suite("vscode/language-model-host: leaving and waiting");

leaving("tells the provider when the client leaves, and lets the reader go", async () => {
  const { reading, call } = await ask(setUp());
  call.report(...Array.from({ length: 31 }, () => textPart("x")));
  await turn();
  reading.controller.abort();
  await call.cancelled;
  assert.is(await reading.ended, undefined);
  assert.not(reading.batches.flat().some(({ type }) => type === "finish"));
});

leaving("lets the reader go where the provider cannot be told, and says how long that one ran on", async () => {
  const scene = setUp({ version: "1.104" });
  const { reading, call } = await ask(scene);
  reading.controller.abort();
  assert.is(await reading.ended, undefined);
  assert.not(call.isCancelled);
  scene.editor.clock.advance(3000);
  call.report(textPart("for nobody"));
  call.end();
  await turn();
  assert.equal(reading.batches, []);
  assert.equal(scene.logged, ['a model could not be stopped {"model":"copilot/gpt-4o","ranOnMs":3000}']);
});

leaving("lets the reader go behind a dialog that asks for consent, and stops the model as soon as it is asked", async () => {
  const scene = setUp();
  const allowed = Promise.withResolvers<void>();
  scene.editor.gate = () => allowed.promise;
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const reading = read(model);
  await turn();
  scene.editor.clock.advance(300);
  reading.controller.abort();
  assert.is(await reading.ended, undefined);
  allowed.resolve();
  await (await scene.editor.nextCall()).cancelled;
});

leaving("stops the model when the reader breaks off", async () => {
  const scene = setUp();
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const begun = peekFirst(model.chat(request(), { signal: new AbortController().signal }));
  const call = await scene.editor.nextCall();
  call.report(textPart("x"));
  scene.editor.clock.advance(30);
  await (await begun).rest.return?.();
  assert.ok(call.isCancelled);
});

leaving("does not ask for a client that has left already", async () => {
  const scene = setUp();
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const batches = model.chat(request(), { signal: AbortSignal.abort() });
  assert.equal(await batches[Symbol.asyncIterator]().next(), { done: true, value: undefined });
  assert.is(scene.editor.counts.requests, 0);
});

leaving("gives up on a client that reads nothing while 8 MiB wait, and stops the model", async () => {
  const scene = setUp();
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const begun = peekFirst(model.chat(request(), { signal: new AbortController().signal }));
  const call = await scene.editor.nextCall();
  const megabyte = "x".repeat(512 * 1024);
  call.report(textPart("first"));
  scene.editor.clock.advance(30);
  const { rest } = await begun;
  call.report(...Array.from({ length: 31 }, () => textPart(megabyte)));
  await call.cancelled;
  const error: unknown = await rest.next().catch((thrown: unknown) => thrown);
  assert.instance(error, ProxyError);
  assert.is((error as ProxyError).code, "client_too_slow");
});

leaving("keeps all of an answer for a client that reads late but in time", async () => {
  const scene = setUp();
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const begun = peekFirst(model.chat(request(), { signal: new AbortController().signal }));
  const call = await scene.editor.nextCall();
  for (let index = 0; index < 1000; index += 1) call.report(textPart(`${index} `));
  call.end();
  const result = await begun.then(async (answer) => {
    await turn();
    await turn();
    return collect(answer);
  });
  assert.is(result.text, Array.from({ length: 1000 }, (_, index) => `${index} `).join(""));
});

leaving.run();

const handles = suite("vscode/language-model-host: handles");

handles("asks the editor for its models once, not for each request", async () => {
  const scene = setUp();
  for (let index = 0; index < 5; index += 1) {
    const { reading, call } = await ask(scene);
    call.report(textPart("x"));
    call.end();
    await reading.ended;
  }
  assert.is(scene.editor.counts.selects, 1);
});

handles("asks again for a dead handle, once, and the client sees nothing of it", async () => {
  const scene = setUp();
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  scene.editor.offer([{ ...gpt }]);
  const reading = read(model);
  const call = await scene.editor.nextCall();
  call.report(textPart("alive"));
  call.end();
  assert.is(await reading.ended, undefined);
  assert.equal(reading.batches.flat()[0], text("alive"));
  assert.equal({ ...scene.editor.counts }, { selects: 2, requests: 2 });
});

handles("says that a model is gone when it is not there the second time either", async () => {
  const scene = setUp();
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  scene.editor.offer([]);
  const error = await errorOf(read(model));
  assert.is(error.status, 503);
  assert.match(error.message, /copilot\/gpt-4o/);
  assert.is(scene.editor.counts.requests, 2);
});

handles("does not ask again once the client has a part of the answer", async () => {
  const scene = setUp();
  const { reading, call } = await ask(scene);
  call.report(textPart("x"));
  scene.editor.clock.advance(30);
  call.fail(new EditorModelError("NotFound"));
  assert.is((await errorOf(reading)).code, "model_unavailable");
  assert.is(scene.editor.counts.requests, 1);
});

handles("finds a model that came later, at most once a second", async () => {
  const scene = setUp();
  await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  scene.editor.offer([gpt, { id: "new" }]);
  assert.match((await scene.host.resolve({ kind: "selector", vendor: "copilot", id: "new" }, { requestedName: "x" }) as { unavailable: string }).unavailable, /new/);
  scene.editor.clock.advance(1001);
  assert.is((await resolve(scene.host, { vendor: "copilot", id: "new" })).id, "new");
  assert.is(scene.editor.counts.selects, 2);
});

handles("takes the event as a hint: it asks nothing by itself, and the next request asks behind its back", async () => {
  const scene = setUp();
  await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  scene.editor.clock.advance(1001);
  for (let index = 0; index < 10; index += 1) scene.editor.fireChange();
  await turn();
  assert.is(scene.editor.counts.selects, 1);
  await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  await turn();
  assert.is(scene.editor.counts.selects, 2);
  await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  assert.is(scene.editor.counts.selects, 2);
});

handles("looks again after ten seconds without an event, which older versions never send", async () => {
  const scene = setUp({ version: "1.104" });
  await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  scene.editor.offer([{ id: "gpt-4o", family: "gpt-4o", maxInputTokens: 1 }, { id: "gpt-4o-large", family: "gpt-4o", maxInputTokens: 9 }]);
  scene.editor.clock.advance(10_001);
  await resolve(scene.host, { vendor: "copilot", familyOrId: "gpt-4o" });
  await turn();
  assert.is((await resolve(scene.host, { vendor: "copilot", familyOrId: "gpt-4o" })).id, "gpt-4o-large");
});

handles("waits for a vendor that has no models yet while the window is young", async () => {
  const scene = setUp();
  scene.editor.offer([]);
  const resolution = resolve(scene.host, { vendor: "copilot", familyOrId: "gpt-4o" });
  await turn();
  scene.editor.clock.advance(500);
  await turn();
  scene.editor.offer([gpt]);
  scene.editor.clock.advance(600);
  assert.is((await resolution).id, "gpt-4o");
  assert.is(scene.editor.clock.waiting, 0);
  assert.equal(scene.logged, ['requests wait for the models of VS Code, which is starting {"vendor":"copilot"}']);
});

handles("waits no longer than the request may, and says what it has waited for", async () => {
  const scene = setUp();
  scene.editor.offer([]);
  const resolution = Promise.resolve(scene.host.resolve({ kind: "selector", vendor: "copilot", familyOrId: "gpt-4o" }, { requestedName: "x", patienceMs: 1000 }));
  for (let looks = 0; looks < 2; looks += 1) {
    await turn();
    scene.editor.clock.advance(500);
  }
  assert.match((await resolution as { unavailable: string }).unavailable, 'no model of the vendor "copilot" now: The extension of copilot, which brings them, is starting still');
});

handles("waits for nobody where no extension brings that vendor's models", async () => {
  const scene = setUp({}, []);
  scene.editor.offer([]);
  const missing = await scene.host.resolve({ kind: "selector", vendor: "copilot", familyOrId: "gpt-4o" }, { requestedName: "x" });
  assert.match((missing as { unavailable: string }).unavailable, "install an extension that brings some");
});

handles("waits for nobody where the vendor is there and the name is wrong, nor in an older window", async () => {
  const scene = setUp();
  const unknown = await scene.host.resolve({ kind: "selector", vendor: "copilot", familyOrId: "gpt-4.o" }, { requestedName: "x" });
  assert.match((unknown as { unavailable: string }).unavailable, /"copilot\/gpt-4\.o": use gpt-4o/);
  scene.editor.clock.advance(30_000);
  const missing = await scene.host.resolve({ kind: "selector", vendor: "acme", familyOrId: "x" }, { requestedName: "x" });
  assert.match((missing as { unavailable: string }).unavailable, /"acme".*\(copilot\)/);
});

handles("hides models that answer nobody", async () => {
  const scene = setUp();
  scene.editor.offer([gpt, { vendor: "copilotcli", id: "auto", maxInputTokens: 0 }, { id: "copilot-utility-small" }, { id: "copilot-dictation-cleanup-1" }]);
  assert.equal((await scene.host.listModels()).map(({ id }) => id), ["gpt-4o"]);
});

handles("lets go of the editor's event", async () => {
  const scene = setUp();
  await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  scene.host.dispose();
  scene.editor.clock.advance(1001);
  scene.editor.fireChange();
  await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  await turn();
  assert.is(scene.editor.counts.selects, 1);
});

handles.run();

const consent = suite("vscode/language-model-host: consent");

consent("raises no dialog again after the user said no", async () => {
  const scene = setUp();
  let dialogs = 0;
  scene.editor.gate = async () => {
    dialogs += 1;
    throw new EditorModelError("NoPermissions");
  };
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const first = await errorOf(read(model));
  assert.is(first.status, 403);
  assert.is(first.isRetryable, false);
  scene.editor.clock.advance(3_600_000);
  assert.match((await errorOf(read(model))).message, "LLM Proxy: Allow Models");
  assert.is(dialogs, 1);
});

consent("tells a client what to do where nobody answers the dialog, and stops the model that is asked once somebody does", async () => {
  const scene = setUp();
  const allowed = Promise.withResolvers<void>();
  let dialogs = 0;
  scene.editor.gate = () => {
    dialogs += 1;
    return allowed.promise;
  };
  const model = await resolve(scene.host, { vendor: "copilot", id: "gpt-4o" });
  const first = read(model);
  await turn();
  scene.editor.clock.advance(20_000);
  const error = await errorOf(first);
  assert.equal([error.status, error.code, error.isRetryable], [503, "model_unavailable", false]);
  assert.match(error.message, "press \"Allow\"");
  await errorOf(read(model));
  assert.is(dialogs, 1, "while the question stands, nobody is kept waiting for it");

  allowed.resolve();
  await (await scene.editor.nextCall()).cancelled;
  await turn();
  scene.editor.gate = undefined;
  const next = read(model);
  const call = await scene.editor.nextCall();
  scene.editor.clock.advance(60_000);
  call.report(textPart("late, but allowed"));
  call.end();
  assert.is(await next.ended, undefined);
});

consent("asks at once when the user has changed the permissions", async () => {
  const editor = createEditorModels();
  editor.offer([gpt]);
  let change: (() => void) | undefined;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const host = createLanguageModelHost({
    api: editor.api, clock: editor.clock, log,
    onDidChangeAccess: (listener) => {
      change = () => void listener();
      return { dispose() {} };
    },
  });
  editor.gate = async () => {
    throw new EditorModelError("NoPermissions");
  };
  const model = await resolve(host, { vendor: "copilot", id: "gpt-4o" });
  await errorOf(read(model));
  editor.gate = undefined;
  change?.();
  const reading = read(model);
  const call = await editor.nextCall();
  call.report(textPart("yes"));
  call.end();
  assert.is(await reading.ended, undefined);
});

consent.run();
