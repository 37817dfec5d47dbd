import type * as vscode from "vscode";
import { createLanguageModelHost } from "../../../src/vscode/language-model-host.ts";
import { aliasOf } from "../../support/config.ts";
import {
  createEditorModels, dataPart, EditorModelError, textPart, thinkingPart, toolCallPart, type EditorModels, type EditorModelsOptions, type ProviderCall,
} from "../../support/editor-models.ts";
import { withServer } from "../../support/test-server.ts";
import type { DescribedPart, ModelCall } from "../support/models.ts";
import type { Step } from "../support/script.ts";
import type { Stage } from "./play-case.ts";

export interface DoubleStage extends Stage {
  /** The calls since the provider was directed. */
  readonly calls: readonly ProviderCall[];
  /** Settles when a script stands at its pause; the clock stands still meanwhile. */
  readonly paused: Promise<void>;
}

/** A whole proxy on a real socket, over the double of the editor's API. */
export const withDoubleStage = async (options: EditorModelsOptions, work: (stage: DoubleStage) => Promise<void>): Promise<void> => {
  const editor = createEditorModels(options);
  editor.offer([{ id: "gpt-4o" }]);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const selector = createLanguageModelHost({ api: editor.api, clock: editor.clock, log });
  const models = [aliasOf("gpt-4", { kind: "selector", vendor: "copilot", familyOrId: "gpt-4o" })];
  const paused = Promise.withResolvers<void>();
  let scripts: readonly (readonly Step[])[] = [[]];
  let calls: ProviderCall[] = [];
  const answer = async (): Promise<never> => {
    for (;;) {
      const call = await editor.nextCall();
      const script = scripts[Math.min(calls.length, scripts.length - 1)] ?? [];
      calls.push(call);
      play(script, call, editor, paused.resolve);
    }
  };
  void answer();
  await withServer({ config: { models }, hosts: { selector } }, async ({ url }) => {
    await work({
      url: `${url}/v1`,
      direct(next) {
        scripts = next;
        calls = [];
      },
      firstCall: async () => (calls[0] === undefined ? undefined : describe(calls[0])),
      get calls() {
        return calls;
      },
      paused: paused.promise,
    });
  });
};

/** Does at once what a script takes time for: the clock is moved by hand. */
const play = (script: readonly Step[], call: ProviderCall, { clock }: EditorModels, onPause: () => void): void => {
  for (const step of script) {
    switch (step.do) {
      case "text": {
        for (let count = 0; count < step.times; count += 1) call.report(textPart(step.text));
        break;
      }
      case "thinking": call.report(thinkingPart(step.text)); break;
      case "tool-call": call.report(toolCallPart(step.id, step.name, step.input as object)); break;
      case "data": call.report(dataPart(step.mimeType, step.json === undefined ? Buffer.from(step.base64 ?? "", "base64").toString() : JSON.stringify(step.json))); break;
      case "wait": clock.advance(step.ms); break;
      case "pause": {
        clock.advance(100);
        return onPause();
      }
      case "fail": return call.fail(failure(step));
    }
  }
  call.end();
};

const codes = { "blocked": "Blocked", "no-permissions": "NoPermissions", "not-found": "NotFound" } as const;

const failure = ({ kind, message, name, code }: Extract<Step, { do: "fail" }>): unknown => {
  if (kind === "string") return message;
  if (kind !== "plain") return new EditorModelError(codes[kind], message);
  return Object.assign(new Error(message), name === undefined ? {} : { name }, code === undefined ? {} : { code });
};

const roles = ["", "user", "assistant"] as const;
const toolModes = { 1: "auto", 2: "required" } as const;

const describe = ({ messages, options: { tools, toolMode, modelOptions } }: ProviderCall): Partial<ModelCall> => ({
  messages: messages.map(({ role, name, content }) => ({
    role: roles[role] ?? role,
    ...(name === undefined ? {} : { name }),
    content: content.map(describePart),
  })),
  tools: (tools ?? []).map((tool) => ({ ...tool })),
  toolMode: toolModes[toolMode ?? 1],
  modelOptions: modelOptions ?? {},
});

/** By their fields: the double's classes are its own. */
const describePart = (part: unknown): DescribedPart => {
  const { value, callId, name, input, content, data, mimeType } = part as Partial<vscode.LanguageModelToolCallPart & vscode.LanguageModelToolResultPart> & { value?: string; data?: Uint8Array; mimeType?: string };
  if (callId !== undefined && content !== undefined) return { toolResult: { id: callId, content: content.map(describePart) } };
  if (callId !== undefined) return { toolCall: { id: callId, name: name ?? "", input } };
  if (data !== undefined) return { data: { mimeType: mimeType ?? "", base64: Buffer.from(data).toString("base64") } };
  return { text: value ?? "" };
};
