import type * as vscode from "vscode";
import type { StopSignal } from "../chat/stop-signal.ts";
import type { Model, ModelHost, Resolution, SelectorTarget } from "../models/host.ts";
import type { Clock, Log, Services } from "../services.ts";
import { createConsent, type Consent } from "./consent.ts";
import type { LanguageModelApi } from "./language-model-api.ts";
import { createLanguageModelCall } from "./language-model-call.ts";
import { createModelCache, type KnownModel, type ModelCache } from "./model-cache.ts";
import { explainNoModel, selectModels, type Providers } from "./select-models.ts";

export interface LanguageModelHostOptions extends Pick<Services, "clock" | "log"> {
  readonly api: LanguageModelApi;
  /** Fires when the user has changed what this extension may use. */
  readonly onDidChangeAccess?: vscode.Event<void>;
  /** Who brings models into this window, as vendor and name of its extension; absent = anybody may. */
  readonly providers?: () => Providers;
}

/** For how long after the start a vendor without models may still be about to bring some: its extension starts, and signs in. */
const startMs = 30_000;
/** How often is looked meanwhile: not every version of the editor tells of a change. */
const lookMs = 500;

/** The models of the editor, all that its extensions bring. */
export const createLanguageModelHost = ({ api, clock, log, onDidChangeAccess, providers }: LanguageModelHostOptions): ModelHost => {
  const cache = createModelCache(api, { clock, log });
  const consent = createConsent(clock);
  const accessSubscription = onDidChangeAccess?.(() => consent.reset());
  const toModel = createModels(api, cache, consent, { clock, log });
  const tellChoice = createOnce((text) => log.info("several models fit", { chosen: text }));
  const startedAt = clock.monotonic();

  const tellWait = createOnce((vendor) => log.info("requests wait for the models of VS Code, which is starting", { vendor }));
  /** Right after the start, extensions have signed in nowhere yet and their vendors have no models at all. */
  const mayCome = async (target: SelectorTarget): Promise<boolean> =>
    clock.monotonic() - startedAt < startMs && isBrought(target, providers?.()) && !hasVendor(await cache.current(), target);

  const resolveSelector = async (target: SelectorTarget, requestedName: string, patienceMs: number): Promise<Resolution> => {
    const matches = (models: readonly KnownModel[]): readonly Model[] => selectModels(target, requestedName, models.map(toModel));
    let found = matches(await cache.current());
    if (found.length === 0) found = matches(await cache.fresh());
    const askedAt = clock.monotonic();
    while (found.length === 0 && clock.monotonic() - askedAt < patienceMs && await mayCome(target)) {
      tellWait(target.vendor ?? "*");
      await cache.changed(lookMs);
      found = matches(await cache.fresh());
    }
    const [first] = found;
    if (first === undefined) return { unavailable: explainNoModel(target, requestedName, (await cache.current()).map(toModel), providers?.()) };
    if (found.length > 1) tellChoice(`${first.vendor}/${first.id} of ${found.map(({ vendor, id }) => `${vendor}/${id}`).join(", ")}`);
    return { model: first };
  };
  return {
    name: "vscode.lm",
    async resolve(target, { requestedName, patienceMs = Infinity }) {
      if (target.kind !== "selector") return { unavailable: "VS Code answers for vendors' models only." };
      return resolveSelector(target, requestedName, patienceMs);
    },
    listModels: async () => (await cache.current()).map(toModel),
    dispose() {
      cache.dispose();
      accessSubscription?.dispose();
    },
  };
};

const isBrought = ({ vendor }: SelectorTarget, providers: Providers | undefined): boolean =>
  providers === undefined || (vendor === undefined || vendor === "*" ? providers.size > 0 : providers.has(vendor));

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

const countTokens = async (handle: vscode.LanguageModelChat, text: string, signal: StopSignal, api: LanguageModelApi): Promise<number> => {
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
