import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyEdits } from "../../../src/config/fix.ts";
import { load } from "../../../src/config/load.ts";
import { createOffsets } from "../../../src/config/positions.ts";
import { aliasEdit, aliasesFor, firstFile, refuseAlias } from "../../../src/vscode/editing/aliases.ts";
import type { OfferedModel } from "../../../src/vscode/editing/offer.ts";
import { goldenCases, offer } from "./golden.ts";

const cases = suite("vscode/editing/aliases");

for (const { name, text, check } of goldenCases("add-alias")) {
  cases(`adds an alias: ${name}`, async () => {
    const edit = aliasEdit(text, "gpt-4o", "copilot/gpt-4o");
    if (edit === undefined) return check(null);
    const changed = applyEdits(text, [edit], createOffsets(text));
    const { config } = await load(changed);
    check({ text: changed.split("\n"), ...(config && { aliases: config.models.map((alias) => alias.name) }) });
    const windows = text.replaceAll("\n", "\r\n");
    const windowsEdit = aliasEdit(windows, "gpt-4o", "copilot/gpt-4o");
    if (/\n/.test(text) && windowsEdit !== undefined) assert.is(applyEdits(windows, [windowsEdit], createOffsets(windows)), changed.replaceAll("\n", "\r\n"));
  });
}

const model = (vendor: string, family: string, id = family): OfferedModel => ({ vendor, family, id, version: "1", name: `${family}\nof ${vendor}`, maxInputTokens: 1000 });

cases("gives every model a name of its own", () => {
  const named = (models: readonly OfferedModel[], taken?: readonly string[]): readonly string[] => aliasesFor(models, taken).map(({ name, target }) => `${name}: ${target}`);
  assert.equal(named(offer.models), ["gpt-4o: copilot/gpt-4o", "claude-sonnet-4: copilot/claude-sonnet-4", "small: fixture/small", "large: fixture/large"]);
  assert.equal(named([model("a", "x"), model("b", "x"), model("a b", "two words"), model("a/b", "x")]), ["x: a/x", "b-x: b/x", "two-words: a b/two words"]);
  assert.equal(named([model("a", "x")], ["x", "a-x", "a-x-2"]), ["a-x-2-2: a/x"]);
});

const isSwitchedOff = (line: string): boolean => /^\s*#\S/.test(line);

cases("a first file works as it is, and so does each line that is switched off in it", async () => {
  for (const models of [offer.models, [model("some vendor", "4.10"), model("v", "echo"), model("v", "smart")], [model("v", "only")]]) {
    for (const port of [8080, 8081]) {
      const lines = firstFile(models, port).split("\n");
      const switched = lines.filter(isSwitchedOff);
      assert.ok(switched.length >= 4);
      for (const one of ["", ...switched]) {
        const text = lines.map((line) => (line === one ? line.replace("#", "") : line)).join("\n");
        const { config, problems } = await load(text);
        assert.equal(problems, [], text);
        assert.equal(config?.models.filter(({ targets }) => targets[0]?.kind === "selector").length, models.length + (/smart|"\*"/.test(one) ? 1 : 0), text);
        if (one === "" && port !== 8080) assert.equal(config?.listeners[0]?.ports, [port]);
      }
    }
  }
});

cases("refuses names that are taken or that no client could write", () => {
  const text = "models: { fast: copilot/x }";
  assert.is(refuseAlias(text, "fast"), "There is an alias named fast already.");
  assert.match(refuseAlias(text, "two words") ?? "", "one word");
  assert.match(refuseAlias(text, "") ?? "", "one word");
  assert.is(refuseAlias(text, "slow"), undefined);
});

cases.run();
