import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Model } from "../../src/models/host.ts";
import { createTokenCount } from "../../src/vscode/count-tokens.ts";

const modelOf = (vendor: string, countTokens: Model["countTokens"]): Model =>
  ({ vendor, id: "m", family: "m", version: "1", name: "m", maxInputTokens: 1, countTokens, async *chat() {} });

const countWith = (models: readonly Model[], text: string): Promise<number> => createTokenCount({ listModels: async () => models })(text);

const cases = suite("vscode/count-tokens");

cases("a model of Copilot counts, else any other", async () => {
  const models = [modelOf("acme", async () => 7), modelOf("copilot", async (text) => text.length)];
  assert.is(await countWith(models, "three"), 5);
  assert.is(await countWith(models.slice(0, 1), "three"), 7);
});

cases("where none can, it is the length that tells", async () => {
  const text = "A token has four bytes, about.";
  assert.is(await countWith([], text), 8);
  assert.is(await countWith([modelOf("acme", async () => 0)], text), 8);
  assert.is(await countWith([modelOf("acme", () => Promise.reject(new Error("no tokenizer")))], text), 8);
  assert.is(await createTokenCount({ listModels: () => Promise.reject(new Error("no models")) })(text), 8);
  assert.is(await countWith([], ""), 0);
});

cases.run();
