import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Extension } from "vscode";
import { findProviders } from "../../src/vscode/providers.ts";

const cases = suite("vscode/providers");

const extension = (id: string, packageJSON: unknown): Extension<unknown> => ({ id, packageJSON } as Extension<unknown>);

cases("finds the vendors that extensions declare, whatever else their manifests hold", () => {
  const all = [
    extension("a.a", { displayName: "Acme", contributes: { languageModelChatProviders: [{ vendor: "acme" }, { vendor: 1 }, {}] } }),
    extension("b.b", { contributes: { languageModelChatProviders: [{ vendor: "bee" }] } }),
    extension("c.c", { contributes: { languageModelChatProviders: "none" } }),
    extension("d.d", {}),
  ];
  assert.equal([...findProviders({ all })], [["acme", "Acme"], ["bee", "b.b"]]);
});

cases.run();
