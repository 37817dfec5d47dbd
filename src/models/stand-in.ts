import { createEchoModel, defaultEchoOptions } from "./echo.ts";
import type { Clock } from "../services.ts";
import type { ModelHost, SelectorTarget } from "./host.ts";
import type { Hosts } from "./registry.ts";

/**
 * Answers for every selector where there is no editor, so that a file made for VS Code can be tried in a terminal. Its
 * model goes by its own name, echo/echo, wherever answers are told apart.
 */
export const createStandInHost = (clock: Clock): ModelHost => {
  const model = createEchoModel(defaultEchoOptions, clock);
  return {
    name: "stand-in",
    resolve: async () => ({ model }),
    listModels: async () => [model],
    dispose() {},
  };
};

/**
 * Answers for every selector by an upstream that the configuration declares, asked for the very model that the selector
 * names: its id, else its family. @param hosts those of the configuration
 */
export const createUpstreamStandIn = (upstream: string, { upstream: host }: Hosts): ModelHost => ({
  name: "stand-in",
  async resolve(target, context) {
    if (target.kind !== "selector" || host === undefined) return { unavailable: "The stand-in answers for the editor's models only." };
    return host.resolve({ kind: "upstream", upstream, model: modelOf(target, context.requestedName) }, context);
  },
  listModels: async () => (await host?.listModels() ?? []).filter(({ vendor }) => vendor === upstream),
  dispose() {},
});

/** A client may name the vendor too, as in `copilot/gpt-4o`: an upstream knows the model without it. */
const modelOf = ({ vendor, id, familyOrId, family }: SelectorTarget, requestedName: string): string => {
  const name = id ?? familyOrId ?? family ?? "*";
  return name.replace("*", vendor !== undefined && requestedName.startsWith(`${vendor}/`) ? requestedName.slice(vendor.length + 1) : requestedName);
};
