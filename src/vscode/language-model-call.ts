import type * as vscode from "vscode";
import type { ChatCall } from "../chat/call.ts";
import type { FinishReason, StreamPart } from "../chat/part.ts";
import type { ChatRequest } from "../chat/request.ts";
import { clientTooSlow } from "../errors.ts";
import type { Clock, Log } from "../services.ts";
import type { Consent } from "./consent.ts";
import { createUsageCounter, type UsageCounter } from "../chat/count-usage.ts";
import { createPartDecoder, type PartDecoder } from "./decode-part.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeOptions } from "./encode-options.ts";
import type { LanguageModelApi } from "./language-model-api.ts";
import type { KnownModel } from "./model-cache.ts";
import { isNotFound, readFailure } from "./model-errors.ts";
import { createPartQueue, type PartQueue } from "./part-queue.ts";

export interface CallOptions {
  readonly api: LanguageModelApi;
  readonly model: KnownModel;
  /** Asks the editor again which models there are, which renews handles. */
  readonly renew: () => Promise<unknown>;
  readonly consent: Consent;
  readonly clock: Clock;
  readonly log: Log;
}

/** How much of an answer may wait for a client that reads slowly: the editor's models cannot be told to wait. */
export const maxWaitingBytes = 8 * 1024 * 1024;

/** A request that is not on its way by then waits for somebody to answer a dialog: else it takes 5 to 100 ms. */
const dialogMs = 250;

/**
 * Asks one of the editor's models. The reader is let go the moment its signal aborts, whatever the model does: before VS
 * Code 1.133, and while a dialog asks for consent, it cannot be stopped.
 */
export const createLanguageModelCall = (options: CallOptions): ChatCall =>
  async function* chat(request, { signal }) {
    const { api, model } = options;
    const messages = encodeMessages(request.messages, api);
    const encoded = encodeOptions(request, model.handle.vendor, api);
    if (encoded.warnings.length > 0) yield encoded.warnings.map((message) => ({ type: "warning", message }));
    if (signal.aborted) return;

    const answer = new Answer(options, request);
    const stop = (): void => answer.stop();
    signal.addEventListener("abort", stop);
    try {
      void answer.run([...messages], encoded.options);
      for (let batch = await answer.queue.take(); batch !== undefined; batch = await answer.queue.take()) yield batch;
    } finally {
      signal.removeEventListener("abort", stop);
      answer.stop();
    }
  };

/** One request on its way: reads what the model says, as fast as it says it, into a queue. */
class Answer {
  readonly queue: PartQueue;
  readonly #options: CallOptions;
  readonly #cancellation: vscode.CancellationTokenSource;
  readonly #decoder: PartDecoder;
  readonly #counter: UsageCounter;
  #stoppedAt: number | undefined;
  /** When the request was handed to the editor; absent once it is on its way. */
  #sentAt: number | undefined;
  #isOver = false;

  constructor(options: CallOptions, request: ChatRequest) {
    const { api, model, clock } = options;
    this.#options = options;
    this.#cancellation = new api.CancellationTokenSource();
    this.#decoder = createPartDecoder(api);
    this.#counter = createUsageCounter(request, (text) => model.handle.countTokens(text), clock, { isUnlikely: model.tellsUsage });
    this.queue = createPartQueue({
      maxBytes: maxWaitingBytes,
      onOverflow: () => {
        this.#cancel();
        return clientTooSlow(maxWaitingBytes);
      },
    });
  }

  /** Never rejects: how it went is in the queue. Settles when the model is done, which may be long after `stop`. */
  async run(messages: vscode.LanguageModelChatMessage[], options: vscode.LanguageModelChatRequestOptions): Promise<void> {
    try {
      await this.#askTwice(messages, options);
      await this.#finish(this.#finishReason());
    } catch (thrown) {
      const failure = readFailure(thrown, { model: this.#name, hasBegun: this.queue.hasBegun });
      this.#isOver = "error" in failure;
      if ("error" in failure) this.queue.fail(failure.error);
      else await this.#finish(failure.finishReason);
    } finally {
      if (this.#sentAt === undefined) this.#cancellation.dispose();
      this.#tellRunOn();
    }
  }

  /** Stops the model, if it can be stopped, and lets go of the reader. */
  stop(): void {
    this.#cancel();
    this.queue.close();
  }

  #cancel(): void {
    if (this.#isOver || this.#stoppedAt !== undefined) return;
    this.#stoppedAt = this.#options.clock.monotonic();
    if (!this.#isBehindDialog()) this.#cancellation.cancel();
  }

  /** The editor forgets what is cancelled behind its dialog for consent, and asks the model in full once somebody says yes. */
  #isBehindDialog(): boolean {
    return this.#sentAt !== undefined && this.#options.clock.monotonic() - this.#sentAt >= dialogMs;
  }

  get #name(): string {
    const { vendor, id } = this.#options.model.handle;
    return `${vendor}/${id}`;
  }

  /** A handle dies with its model's provider, and the renewed one may live. Only while the client has got nothing. */
  async #askTwice(messages: vscode.LanguageModelChatMessage[], options: vscode.LanguageModelChatRequestOptions): Promise<void> {
    try {
      await this.#ask(messages, options);
    } catch (thrown) {
      if (!isNotFound(thrown) || this.queue.hasBegun || this.#stoppedAt !== undefined) throw thrown;
      await this.#options.renew();
      if (this.#stoppedAt !== undefined) return;
      await this.#ask(messages, options);
    }
  }

  async #ask(messages: vscode.LanguageModelChatMessage[], options: vscode.LanguageModelChatRequestOptions): Promise<void> {
    const { model, consent } = this.#options;
    const response = await consent.guard(model.handle.vendor, () => this.#send(model.handle, messages, options));
    for await (const part of response.stream) {
      // One that cannot be stopped is read to its end all the same: unread parts would pile up in the editor.
      if (this.#stoppedAt !== undefined) continue;
      const parts = this.#decoder.decode(part);
      this.queue.push(parts);
      this.#counter.add(parts);
    }
  }

  /** Settles when the request is on its way, which behind a dialog may be long after everybody has given it up. */
  async #send(handle: vscode.LanguageModelChat, messages: vscode.LanguageModelChatMessage[], options: vscode.LanguageModelChatRequestOptions): Promise<vscode.LanguageModelChatResponse> {
    this.#sentAt = this.#options.clock.monotonic();
    try {
      return await handle.sendRequest(messages, options, this.#cancellation.token);
    } finally {
      this.#sentAt = undefined;
      if (this.#stoppedAt !== undefined || this.#isOver) this.#cancellation.cancel();
    }
  }

  #finishReason(): FinishReason | undefined {
    if (this.#decoder.hasToolCalls) return "tool-calls";
    if (this.#decoder.usage !== undefined) return "stop";
    // Copilot ends an answer that became too long like any other, but without its usage.
    if (this.queue.hasBegun) return this.#options.model.tellsUsage ? "length" : "stop";
    return undefined;
  }

  /** Without a reason nothing came: an end without a last part says so. */
  async #finish(finishReason: FinishReason | undefined): Promise<void> {
    if (finishReason !== undefined && this.#stoppedAt === undefined) {
      const { model } = this.#options;
      model.tellsUsage ||= this.#decoder.usage !== undefined;
      const usage = this.#decoder.usage ?? await this.#counter.count();
      const finish: StreamPart = { type: "finish", finishReason, ...(usage === undefined ? {} : { usage }) };
      this.queue.push([finish]);
    }
    this.#isOver = true;
    this.queue.end();
  }

  /** What a client that left goes on costing, where the editor could not pass on that it left. */
  #tellRunOn(): void {
    if (this.#stoppedAt === undefined) return;
    const ranOnMs = Math.round(this.#options.clock.monotonic() - this.#stoppedAt);
    if (ranOnMs >= 1000) this.#options.log.warn("a model could not be stopped", { model: this.#name, ranOnMs });
  }
}
