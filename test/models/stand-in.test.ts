import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ModelHost, SelectorTarget, UpstreamTarget } from "../../src/models/host.ts";
import { createUpstreamStandIn } from "../../src/models/stand-in.ts";
import { createScriptedHost } from "../support/scripted-host.ts";

/** Tells which upstream and model it was asked for. */
const upstreamHost: ModelHost = {
  ...createScriptedHost(),
  resolve: async (target) => ({ unavailable: `${(target as UpstreamTarget).upstream}: ${(target as UpstreamTarget).model}` }),
};

const asked = async (target: Omit<SelectorTarget, "kind">, requestedName = "alias"): Promise<unknown> =>
  createUpstreamStandIn("ollama", { upstream: upstreamHost }).resolve({ kind: "selector", ...target }, { requestedName });

const cases = suite("models/stand-in");

cases("an upstream is asked for the model that the selector names", async () => {
  assert.equal(await asked({ vendor: "copilot", familyOrId: "gpt-4o" }), { unavailable: "ollama: gpt-4o" });
  assert.equal(await asked({ vendor: "copilot", family: "gpt-4o", id: "gpt-4o-2024" }), { unavailable: "ollama: gpt-4o-2024" });
});

cases("or for the name that the client asked for, without the vendor", async () => {
  assert.equal(await asked({ vendor: "copilot", familyOrId: "*" }, "llama3"), { unavailable: "ollama: llama3" });
  assert.equal(await asked({ vendor: "copilot" }, "copilot/gpt-4o"), { unavailable: "ollama: gpt-4o" });
  assert.equal(await asked({ vendor: "copilot" }, "team/gpt-4o"), { unavailable: "ollama: team/gpt-4o" });
});

cases("lists what that upstream has, and no other", async () => {
  const host = createUpstreamStandIn("scripted", { upstream: createScriptedHost() });
  assert.equal((await host.listModels()).map(({ id }) => id), ["scripted", "other"]);
  assert.equal(await createUpstreamStandIn("ollama", { upstream: createScriptedHost() }).listModels(), []);
});

cases.run();
