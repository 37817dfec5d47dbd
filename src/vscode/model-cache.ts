import type * as vscode from "vscode";
import type { Clock, Log } from "../services.ts";
import type { LanguageModelApi } from "./language-model-api.ts";

/** One model of the editor. The handle may be renewed while this object stays. */
export interface KnownModel {
  handle: vscode.LanguageModelChat;
  /** Whether it has told its own usage before: an answer of such a model without it was cut short. */
  tellsUsage: boolean;
}

/** The editor's models, asked for rarely: one question costs 6 to 20 ms and wakes every provider. */
export interface ModelCache {
  /** The models as last seen, best first; asks where that was never. Renews them behind the caller's back. */
  current(): Promise<readonly KnownModel[]>;
  /** The models as they were at most a second ago. */
  fresh(): Promise<readonly KnownModel[]>;
  /** The models as they are now: for a handle that turned out to be dead. */
  renewed(): Promise<readonly KnownModel[]>;
  /** Settles when the editor says that its models changed, or after `ms`. It does not always say so. */
  changed(ms: number): Promise<void>;
  dispose(): void;
}

/** How often the editor is asked at most. A provider may announce a change whenever it is asked: without a floor that is a loop. */
const leastAgeMs = 1000;
/** How old what is known may get: the event for changes is only a hint, and does not come at all in older versions. */
const mostAgeMs = 10_000;

export const createModelCache = ({ lm }: Pick<LanguageModelApi, "lm">, { clock, log }: { clock: Clock; log: Log }): ModelCache => {
  const known = new Map<string, KnownModel>();
  let models: readonly KnownModel[] | undefined;
  let selectedAt = -Infinity;
  let mayHaveChanged = false;
  let selecting: Promise<readonly KnownModel[]> | undefined;
  const waiting = new Set<() => void>();

  const subscription = lm.onDidChangeChatModels(() => {
    mayHaveChanged = true;
    for (const wake of waiting) wake();
  });
  const select = (): Promise<readonly KnownModel[]> => {
    selecting ??= selectNow().finally(() => (selecting = undefined));
    return selecting;
  };
  const selectNow = async (): Promise<readonly KnownModel[]> => {
    mayHaveChanged = false;
    const handles = await lm.selectChatModels({});
    selectedAt = clock.monotonic();
    models = handles.filter(isUsable).toSorted(byPreference).map((handle) => remember(handle));
    return models;
  };
  const remember = (handle: vscode.LanguageModelChat): KnownModel => {
    const key = `${handle.vendor}/${handle.id}`;
    const model = known.get(key) ?? { handle, tellsUsage: false };
    model.handle = handle;
    known.set(key, model);
    return model;
  };
  const age = (): number => clock.monotonic() - selectedAt;

  return {
    async current() {
      if (models === undefined) return select();
      if (age() > (mayHaveChanged ? leastAgeMs : mostAgeMs)) {
        select().catch((error: unknown) => log.warn("VS Code did not list its models", { error: String(error) }));
      }
      return models;
    },
    fresh: async () => (models === undefined || age() > leastAgeMs ? select() : models),
    renewed: select,
    changed: (ms) => new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        waiting.delete(wake);
        resolve();
      };
      const cancel = clock.after(ms, wake);
      waiting.add(wake);
    }),
    dispose: () => void subscription.dispose(),
  };
};

/** Leaves out what answers nobody: models without room for a prompt, and those that are for VS Code's own use. */
export const isUsable = ({ id, maxInputTokens }: vscode.LanguageModelChat): boolean =>
  maxInputTokens > 0 && !/^copilot-(utility|dictation-cleanup)/.test(id);

export const byPreference = (a: vscode.LanguageModelChat, b: vscode.LanguageModelChat): number =>
  b.maxInputTokens - a.maxInputTokens || (a.id < b.id ? -1 : 1);
