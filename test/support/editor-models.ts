import type * as vscode from "vscode";
import type { LanguageModelApi } from "../../src/vscode/language-model-api.ts";
import { createHandClock, type HandClock } from "./hand-clock.ts";

/** One request as a provider of models gets it, and the test's hand on its answer. */
export interface ProviderCall {
  readonly modelId: string;
  readonly messages: readonly vscode.LanguageModelChatMessage[];
  readonly options: vscode.LanguageModelChatRequestOptions;
  /** Sends parts on their way: they arrive after 30 ms without another one, or at once where 31 have gathered. */
  report(...parts: readonly unknown[]): void;
  /** Ends the answer; what is on its way arrives first. */
  end(): void;
  /** Fails; what was reported in the last 30 ms is lost. */
  fail(error: unknown): void;
  /** Whether the provider has been told to stop. */
  readonly isCancelled: boolean;
  /** Settles when it is. */
  readonly cancelled: Promise<void>;
}

export interface EditorModel {
  readonly vendor?: string;
  readonly id: string;
  readonly family?: string;
  readonly version?: string;
  readonly maxInputTokens?: number;
}

/** A stand-in for the editor's API for models that behaves as VS Code was seen to behave, on a clock that a test moves. */
export interface EditorModels {
  readonly api: LanguageModelApi;
  readonly clock: HandClock;
  /** Makes these the models that there are. Handles of others are dead from now on. */
  offer(models: readonly EditorModel[]): void;
  /** Tells of a change, which the older version never does. */
  fireChange(): void;
  /** The next request that reaches a provider; waits for it. */
  nextCall(): Promise<ProviderCall>;
  /** How often models have been selected, and requests sent. */
  readonly counts: { selects: number; requests: number };
  /** What `sendRequest` waits for or rejects with before a provider is asked, such as the user's consent. */
  gate: (() => Promise<void>) | undefined;
  countTokens: (text: string) => number | Promise<number>;
}

export interface EditorModelsOptions {
  /** In 1.104 nothing tells the provider that a running request was cancelled. */
  readonly version?: "1.139" | "1.104";
}

const deliveryMs = 30;
const deliveryParts = 31;

class TextPart {
  value: string;
  constructor(value: string) {
    this.value = value;
  }
}

class ToolCallPart {
  callId: string;
  name: string;
  input: object;
  constructor(callId: string, name: string, input: object) {
    this.callId = callId;
    this.name = name;
    this.input = input;
  }
}

class ToolResultPart {
  callId: string;
  content: unknown[];
  constructor(callId: string, content: unknown[]) {
    this.callId = callId;
    this.content = content;
  }
}

class DataPart {
  readonly data: Uint8Array;
  readonly mimeType: string;
  constructor(data: Uint8Array, mimeType: string) {
    this.data = data;
    this.mimeType = mimeType;
  }
}

class ThinkingPart {
  readonly value: string | readonly string[];
  constructor(value: string | readonly string[]) {
    this.value = value;
  }
}

class ChatMessage {
  role: number;
  content: vscode.LanguageModelInputPart[];
  name: string | undefined;
  constructor(role: number, content: string | vscode.LanguageModelInputPart[], name?: string) {
    this.role = role;
    this.content = typeof content === "string" ? [new TextPart(content)] : content;
    this.name = name;
  }
  static User(content: string | vscode.LanguageModelInputPart[], name?: string): ChatMessage {
    return new ChatMessage(1, content, name);
  }
  static Assistant(content: string | vscode.LanguageModelInputPart[], name?: string): ChatMessage {
    return new ChatMessage(2, content, name);
  }
}

class TokenSource implements vscode.CancellationTokenSource {
  readonly #listeners = new Set<(event: unknown) => unknown>();
  isCancelled = false;
  readonly token: vscode.CancellationToken;
  constructor() {
    const isCancelled = (): boolean => this.isCancelled;
    this.token = {
      get isCancellationRequested() {
        return isCancelled();
      },
      onCancellationRequested: (listener) => {
        this.#listeners.add(listener);
        return { dispose: () => void this.#listeners.delete(listener) };
      },
    };
  }
  cancel(): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    for (const listener of this.#listeners) listener(undefined);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

/** The editor's own error, with one of the codes that it has. */
export class EditorModelError extends Error {
  readonly code: string;
  constructor(code: "NotFound" | "NoPermissions" | "Blocked", message = "") {
    super(message);
    this.code = code;
  }
}

const partClasses = [TextPart, ToolCallPart, ToolResultPart, DataPart, ThinkingPart];
const isPart = (part: unknown): boolean => partClasses.some((kind) => part instanceof kind);

/** What a consumer sees of an error that a provider threw: words, and nothing else. */
const carryOver = (error: unknown): Error => {
  if (error instanceof EditorModelError) return error;
  const { name, message, code } = (typeof error === "object" && error !== null ? error : {}) as { name?: string; message?: string; code?: unknown };
  const carried = new Error(message ?? "");
  carried.name = name ?? "";
  return Object.assign(carried, typeof code === "string" ? { code } : {});
};

const canceled = (): Error => Object.assign(new Error("Canceled"), { name: "Canceled" });

type Delivered = { readonly part: unknown } | { readonly error: Error } | "end";

/** The way from a provider to the consumer: held back for a moment, and without any brake. */
const createDelivery = (clock: HandClock) => {
  const arrived: Delivered[] = [];
  let onWay: unknown[] = [];
  let wake: (() => void) | undefined;
  let cancelTimer: (() => void) | undefined;
  let isOver = false;
  const arrive = (...items: readonly Delivered[]): void => {
    arrived.push(...items);
    wake?.();
  };
  const flush = (): void => {
    cancelTimer?.();
    arrive(...onWay.map((part) => ({ part })));
    onWay = [];
  };
  const over = (last: Delivered): void => {
    cancelTimer?.();
    if (isOver) return;
    isOver = true;
    arrive(last);
  };
  async function* read(): AsyncGenerator {
    for (;;) {
      const next = arrived.shift();
      if (next === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if (next === "end") return;
      else if ("error" in next) throw next.error;
      else yield next.part;
    }
  }
  return {
    report(part: unknown): void {
      // Reports after the end, and things that only look like parts, are dropped without a word.
      if (isOver || !isPart(part)) return;
      onWay.push(part);
      cancelTimer?.();
      if (onWay.length >= deliveryParts) flush();
      else cancelTimer = clock.after(deliveryMs, flush);
    },
    end(): void {
      flush();
      over("end");
    },
    fail: (error: unknown) => over({ error: carryOver(error) }),
    read,
  };
};

const checkMessages = (messages: readonly vscode.LanguageModelChatMessage[]): void => {
  for (const { role, content } of messages) {
    if (![1, 2].includes(role)) throw new Error("CANNOT use API proposal: languageModelSystem");
    for (const part of content) if (!isPart(part)) throw new Error("Unexpected chat message content type llm 2");
  }
};

export const createEditorModels = ({ version = "1.139" }: EditorModelsOptions = {}): EditorModels => {
  const clock = createHandClock();
  const counts = { selects: 0, requests: 0 };
  const listeners = new Set<(event: void) => unknown>();
  const calls: ProviderCall[] = [];
  const callers: ((call: ProviderCall) => void)[] = [];
  let offered: readonly EditorModel[] = [];

  const ask = (modelId: string, messages: vscode.LanguageModelChatMessage[], options: vscode.LanguageModelChatRequestOptions, token: vscode.CancellationToken): AsyncIterable<unknown> => {
    const delivery = createDelivery(clock);
    if (token.isCancellationRequested) delivery.fail(canceled());
    else {
      const cancellation = Promise.withResolvers<void>();
      let isCancelled = false;
      token.onCancellationRequested(() => {
        isCancelled = version !== "1.104";
        if (isCancelled) cancellation.resolve();
      });
      const call: ProviderCall = {
        modelId, messages, options,
        report: (...parts) => parts.forEach(delivery.report),
        end: delivery.end,
        fail: delivery.fail,
        get isCancelled() {
          return isCancelled;
        },
        cancelled: cancellation.promise,
      };
      const caller = callers.shift();
      if (caller === undefined) calls.push(call);
      else caller(call);
    }
    return delivery.read();
  };
  const createHandle = (model: EditorModel): vscode.LanguageModelChat => Object.freeze({
    vendor: model.vendor ?? "copilot",
    id: model.id,
    family: model.family ?? model.id,
    version: model.version ?? "1",
    name: model.id,
    maxInputTokens: model.maxInputTokens ?? 1000,
    async sendRequest(messages: vscode.LanguageModelChatMessage[], options: vscode.LanguageModelChatRequestOptions = {}, token: vscode.CancellationToken = new TokenSource().token) {
      counts.requests += 1;
      checkMessages(messages);
      if (!offered.includes(model)) throw new EditorModelError("NotFound", `Language model '${model.id}' cannot be found.`);
      const isGated = editor.gate !== undefined;
      await editor.gate?.();
      // What is cancelled while a dialog stands is forgotten.
      return { stream: ask(model.id, messages, options, isGated && token.isCancellationRequested ? new TokenSource().token : token), text: noText() };
    },
    countTokens: async (text: string | vscode.LanguageModelChatMessage) => editor.countTokens(typeof text === "string" ? text : JSON.stringify(text.content)),
  });
  const editor: EditorModels = {
    api: {
      lm: {
        async selectChatModels() {
          counts.selects += 1;
          return offered.map(createHandle);
        },
        onDidChangeChatModels(listener) {
          listeners.add(listener);
          return { dispose: () => void listeners.delete(listener) };
        },
      },
      CancellationTokenSource: TokenSource,
      LanguageModelChatMessage: ChatMessage,
      LanguageModelChatToolMode: { Auto: 1, Required: 2 },
      LanguageModelTextPart: TextPart,
      LanguageModelToolCallPart: ToolCallPart,
      LanguageModelToolResultPart: ToolResultPart,
      LanguageModelDataPart: DataPart,
      LanguageModelThinkingPart: ThinkingPart,
    },
    clock,
    counts,
    gate: undefined,
    countTokens: (text) => text.split(/\s+/).filter((word) => word !== "").length,
    offer(models) {
      offered = models;
    },
    fireChange() {
      if (version !== "1.104") for (const listener of listeners) listener();
    },
    nextCall() {
      const call = calls.shift();
      return call === undefined ? new Promise((resolve) => void callers.push(resolve)) : Promise.resolve(call);
    },
  };
  return editor;
};

async function* noText(): AsyncGenerator<string> {}

export const textPart = (value: string): unknown => new TextPart(value);
export const thinkingPart = (value: string | readonly string[]): unknown => new ThinkingPart(value);
export const toolCallPart = (callId: string, name: string, input: object): unknown => new ToolCallPart(callId, name, input);
export const dataPart = (mimeType: string, data: string): unknown => new DataPart(new TextEncoder().encode(data), mimeType);
export const usagePart = (promptTokens: number, completionTokens: number): unknown =>
  dataPart("usage", JSON.stringify({ prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens }));
