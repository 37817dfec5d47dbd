import type * as vscode from "vscode";
import type { Model, ModelHost, Resolution, SelectorTarget } from "../models/host.ts";
import type { Clock, Log, Services } from "../services.ts";
import { createConsent, type Consent } from "./consent.ts";
import type { LanguageModelApi } from "./language-model-api.ts";
import { createLanguageModelCall } from "./language-model-call.ts";
import { createModelCache, type KnownModel, type ModelCache } from "./model-cache.ts";
import { explainNoModel, selectModels } from "./select-models.ts";

export interface LanguageModelHostOptions extends Pick<Services, "clock" | "log"> {
  readonly api: LanguageModelApi;
  /** Fires when the user has changed what this extension may use. */
  readonly onDidChangeAccess?: vscode.Event<void>;
}

/** For how long after the start a vendor without models may still be about to bring some. */
const startMs = 10_000;
/** How often is looked meanwhile: not every version of the editor tells of a change. */
const lookMs = 500;

/** The models of the editor, all that its extensions bring. */
export const createLanguageModelHost = ({ api, clock, log, onDidChangeAccess }: LanguageModelHostOptions): ModelHost => {
  const cache = createModelCache(api, { clock, log });
  const consent = createConsent(clock);
  const accessSubscription = onDidChangeAccess?.(() => consent.reset());
  const toModel = createModels(api, cache, consent, { clock, log });
  const tellChoice = createOnce((text) => log.info("several models fit", { chosen: text }));
  const startedAt = clock.monotonic();

  const resolveSelector = async (target: SelectorTarget, requestedName: string): Promise<Resolution> => {
    const matches = (models: readonly KnownModel[]): readonly Model[] => selectModels(target, requestedName, models.map(toModel));
    let found = matches(await cache.current());
    if (found.length === 0) found = matches(await cache.fresh());
    // Right after the start, extensions have signed in nowhere yet and their vendors have no models at all.
    while (found.length === 0 && clock.monotonic() - startedAt < startMs && !hasVendor(await cache.current(), target)) {
      await cache.changed(lookMs);
      found = matches(await cache.fresh());
    }
    const [first] = found;
    if (first === undefined) return { unavailable: explainNoModel(target, requestedName, (await cache.current()).map(toModel)) };
    if (found.length > 1) tellChoice(`${first.vendor}/${first.id} of ${found.map(({ vendor, id }) => `${vendor}/${id}`).join(", ")}`);
    return { model: first };
  };
  return {
    name: "vscode.lm",
    async resolve(target, { requestedName }) {
      if (target.kind !== "selector") return { unavailable: "VS Code answers for vendors' models only." };
      return resolveSelector(target, requestedName);
    },
    listModels: async () => (await cache.current()).map(toModel),
    dispose() {
      cache.dispose();
      accessSubscription?.dispose();
    },
  };
};

const hasVendor = (models: readonly KnownModel[], { vendor }: SelectorTarget): boolean =>
  models.some(({ handle }) => vendor === undefined || vendor === "*" || handle.vendor === vendor);

/** One `Model` for each known one, made once: whoever holds it keeps it through renewals of its handle. */
const createModels = (api: LanguageModelApi, cache: ModelCache, consent: Consent, services: { clock: Clock; log: Log }) => {
  const models = new WeakMap<KnownModel, Model>();
  const create = (known: KnownModel): Model => {
    const { vendor, id, family, version, name, maxInputTokens } = known.handle;
    return {
      vendor, id, family, version, name, maxInputTokens,
      chat: createLanguageModelCall({ api, model: known, renew: cache.renewed, consent, ...services }),
      countTokens: (text, signal) => countTokens(known.handle, text, signal, api),
    };
  };
  return (known: KnownModel): Model => {
    const model = models.get(known) ?? create(known);
    models.set(known, model);
    return model;
  };
};

const countTokens = async (handle: vscode.LanguageModelChat, text: string, signal: AbortSignal, api: LanguageModelApi): Promise<number> => {
  const cancellation = new api.CancellationTokenSource();
  const cancel = (): void => cancellation.cancel();
  signal.addEventListener("abort", cancel);
  try {
    return await handle.countTokens(text, cancellation.token);
  } finally {
    signal.removeEventListener("abort", cancel);
    cancellation.dispose();
  }
};

/** Says each thing once: every request for an alias makes the same choice. */
const createOnce = (say: (text: string) => void) => {
  const said = new Set<string>();
  return (text: string): void => {
    if (said.has(text)) return;
    said.add(text);
    say(text);
  };
};
