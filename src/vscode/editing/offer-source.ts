import type * as vscode from "vscode";
import type { Clock } from "../../services.ts";
import { byPreference, isUsable } from "../model-cache.ts";
import type { Offer, OfferedModel } from "./offer.ts";

/** What the window has now. Never throws; without models where the editor does not list them soon. */
export type OfferSource = () => Promise<Offer>;

export interface OfferSourceOptions {
  readonly lm: Pick<typeof vscode.lm, "selectChatModels">;
  readonly clock: Clock;
  readonly secrets: { names(): readonly string[] };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Nobody who types waits longer for a list. */
const patienceMs = 1000;
/** Asking wakes every provider: once in a while is often enough for names. */
const freshMs = 5000;

export const createOfferSource = ({ lm, clock, secrets, env }: OfferSourceOptions): OfferSource => {
  let models: readonly OfferedModel[] = [];
  let askedAt = -Infinity;
  let asking: Promise<void> = Promise.resolve();
  const ask = async (): Promise<void> => {
    askedAt = clock.monotonic();
    const handles = await lm.selectChatModels({});
    models = handles.filter(isUsable).toSorted(byPreference).map(({ vendor, family, id, version, name, maxInputTokens }) => ({ vendor, family, id, version, name, maxInputTokens }));
  };
  return async () => {
    // An empty list is asked for again: providers come seconds after the start.
    if (models.length === 0 || clock.monotonic() - askedAt > freshMs) asking = ask().catch(() => {});
    await Promise.race([asking, new Promise<void>((resolve) => void clock.after(patienceMs, resolve))]);
    return { models, secrets: secrets.names(), variables: Object.keys(env).filter((name) => env[name]).toSorted() };
  };
};
