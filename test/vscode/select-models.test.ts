import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SelectorTarget } from "../../src/models/host.ts";
import { explainNoModel, selectModels, type ModelNames } from "../../src/vscode/select-models.ts";

/** In the order of preference, as the cache gives them. */
const models: readonly ModelNames[] = [
  { vendor: "copilot", id: "gpt-4o-2024-11-20", family: "gpt-4o", version: "2" },
  { vendor: "copilot", id: "gpt-4o-2024-05-13", family: "gpt-4o", version: "1" },
  { vendor: "copilot", id: "gpt-4o", family: "gpt-4o-legacy", version: "1" },
  { vendor: "copilot", id: "o1", family: "o1-family", version: "1" },
  { vendor: "acme", id: "team/large", family: "large", version: "1" },
];

const ids = (target: Omit<SelectorTarget, "kind">, requestedName = "any"): readonly string[] =>
  selectModels({ kind: "selector", ...target }, requestedName, models).map(({ id }) => id);

const select = suite("vscode/select-models");

select("takes the short form for a family where one is called so, else for an id", () => {
  assert.equal(ids({ vendor: "copilot", familyOrId: "gpt-4o" }), ["gpt-4o-2024-11-20", "gpt-4o-2024-05-13"]);
  assert.equal(ids({ vendor: "copilot", familyOrId: "o1" }), ["o1"]);
});

select("wants every field of a selector to fit, and keeps the order", () => {
  assert.equal(ids({ family: "gpt-4o", version: "1" }), ["gpt-4o-2024-05-13"]);
  assert.equal(ids({ vendor: "acme", family: "gpt-4o" }), []);
  assert.equal(ids({ vendor: "copilot" }).length, 4);
});

select("puts the requested name in the place of a *", () => {
  assert.equal(ids({ vendor: "copilot", familyOrId: "*" }, "o1"), ["o1"]);
  assert.equal(ids({ id: "gpt-4o-*" }, "2024-05-13"), ["gpt-4o-2024-05-13"]);
  assert.equal(ids({ familyOrId: "*" }, "large"), ["team/large"]);
  assert.equal(ids({ vendor: "*", familyOrId: "*" }, "gpt-4o"), ["gpt-4o-2024-11-20", "gpt-4o-2024-05-13"]);
});

select("lets vendor/id name one model exactly, slashes in the id or not", () => {
  assert.equal(ids({ familyOrId: "*" }, "copilot/gpt-4o"), ["gpt-4o"]);
  assert.equal(ids({ vendor: "copilot", familyOrId: "*" }, "copilot/gpt-4o"), ["gpt-4o"]);
  assert.equal(ids({ familyOrId: "*" }, "acme/team/large"), ["team/large"]);
  assert.equal(ids({ vendor: "copilot", familyOrId: "*" }, "acme/team/large"), []);
});

const explain = (target: Omit<SelectorTarget, "kind">, known = models, requestedName = "any"): string =>
  explainNoModel({ kind: "selector", ...target }, requestedName, known);

select("says which names are near", () => {
  assert.is(explain({ vendor: "copilot", familyOrId: "gpt-4" }), 'VS Code has no model for "copilot/gpt-4": use gpt-4o or gpt-4o-2024-05-13 or gpt-4o-2024-11-20.');
});

select("says which vendors are there", () => {
  assert.is(explain({ vendor: "copliot", id: "x" }), 'VS Code offers no model of the vendor "copliot" here: sign in to its extension, or use a vendor that is there (acme, copilot).');
});

select("says what to install where there is no model at all", () => {
  assert.match(explain({ vendor: "copilot", id: "x" }, []), /install an extension/);
});

select("shows a selector of several fields as it was written", () => {
  assert.match(explain({ vendor: "copilot", family: "*", version: "9" }, models, "zzz"), /"vendor: copilot, family: zzz, version: 9"/);
});

select.run();
