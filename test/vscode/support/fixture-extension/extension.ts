// Language models that answer as a test tells them to; what arrived, and when, is kept for the test.
import * as vscode from "vscode";
import type { Fixture, ModelInformation, Response, Vendor } from "../models.ts";
import { text } from "../script.ts";
import { describeCall } from "./describe.ts";
import { play } from "./play.ts";
import { createRecorder } from "./recorder.ts";
import type { Description } from "./recorder.ts";
import { usualModels } from "./usual-models.ts";

const usualResponse: Response = { steps: [text("ok")] };

/** One for each word: simple enough for a test to foresee. */
const countTokens = (input: unknown): number => (JSON.stringify(input).match(/\w+/g) ?? []).length;

/** A provider as VS Code wants it, and the switches that take it away and bring it back. */
const createVendor = (
  vendor: Vendor,
  models: () => readonly ModelInformation[],
  answer: (description: Description, progress: vscode.Progress<vscode.LanguageModelResponsePart>, token: vscode.CancellationToken) => Promise<void>,
) => {
  const changed = new vscode.EventEmitter<void>();
  let registration: vscode.Disposable | undefined;
  const provider: vscode.LanguageModelChatProvider = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: () => [...models()],
    provideTokenCount: async (_model, input) => countTokens(input),
    provideLanguageModelChatResponse: (model, messages, options, progress, token) =>
      answer(describeCall(vendor, model, messages, options), progress, token),
  };
  return {
    tellOfChange: () => changed.fire(),
    register(): void {
      registration ??= vscode.lm.registerLanguageModelChatProvider(vendor, provider);
    },
    unregister(): void {
      registration?.dispose();
      registration = undefined;
    },
  };
};

const createFixture = (): Fixture => {
  const recorder = createRecorder();
  const models = { ...usualModels };
  let responses: readonly Response[] = [];

  /** The newest that fits the model; one that was meant for a single call is used up. */
  const takeResponse = (model: string): Response => {
    const response = responses.findLast((candidate) => (candidate.model ?? model) === model);
    if (response?.once === true) responses = responses.filter((candidate) => candidate !== response);
    return response ?? usualResponse;
  };

  const vendorOf = (vendor: Vendor) =>
    createVendor(
      vendor,
      () => models[vendor],
      async (description, progress, token) => {
        const note = recorder.begin(description);
        token.onCancellationRequested(() => note("cancelled"));
        try {
          await play(takeResponse(description.model), { progress, token, note, pause: recorder.pause });
          note("ended");
        } catch (error) {
          note("failed");
          throw error;
        }
      },
    );
  const vendors = { copilot: vendorOf("copilot"), fixture: vendorOf("fixture") };

  return {
    journal: recorder,
    vendors,
    resume: recorder.resume,
    respond: (response) => void (responses = [...responses, response]),
    setModels(vendor, offered) {
      models[vendor] = offered;
      vendors[vendor].tellOfChange();
    },
    reset() {
      responses = [];
      recorder.clear();
      for (const vendor of ["copilot", "fixture"] as const) {
        if (models[vendor] !== usualModels[vendor]) this.setModels(vendor, usualModels[vendor]);
        vendors[vendor].register();
      }
    },
  };
};

export const activate = (context: vscode.ExtensionContext): void => {
  const fixture = createFixture();
  Object.assign(globalThis, { llmProxyFixture: fixture });
  for (const vendor of Object.values(fixture.vendors)) {
    vendor.register();
    context.subscriptions.push({ dispose: () => vendor.unregister() });
  }
};
