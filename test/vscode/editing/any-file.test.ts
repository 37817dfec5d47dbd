import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDraft } from "../../../src/config/draft.ts";
import { applyEdits } from "../../../src/config/fix.ts";
import { load } from "../../../src/config/load.ts";
import { createOffsets } from "../../../src/config/positions.ts";
import { isError } from "../../../src/config/problem.ts";
import type { Config } from "../../../src/config/types.ts";
import { aliasEdit } from "../../../src/vscode/editing/aliases.ts";
import { complete } from "../../../src/vscode/editing/complete.ts";
import { hoverAt } from "../../../src/vscode/editing/hover.ts";
import { declarationAt, namesIn, renameAt } from "../../../src/vscode/editing/names.ts";
import { outlineOf } from "../../../src/vscode/editing/outline.ts";
import { caseFiles, caseNames, casePath, caseSecrets } from "../../config/cases.ts";
import { offer } from "./golden.ts";

const cases = suite("vscode/editing/any-file");

const texts = caseNames.map((name) => ({ name, text: readFileSync(casePath(name), "utf8").replace(/^\uFEFF/, "") })).filter(({ text }) => text.length < 20_000);

const loadText = async (text: string): Promise<Config | undefined> => {
  const { config, problems } = await load(text, { secrets: caseSecrets, files: caseFiles });
  return problems.some(isError) ? undefined : config;
};

cases("half of any file is no reason to fail", () => {
  let asked = 0;
  for (const { name, text } of texts) {
    const step = Math.max(1, Math.floor(text.length / 5));
    for (let end = 0; end <= text.length; end += step) {
      // What was typed so far, and the same with the rest still below it.
      for (const half of [text.slice(0, end), `${text.slice(0, end)}\n${text.slice(end)}`]) {
        assert.not.throws(() => {
          complete(half, end, offer);
          hoverAt(half, end, offer.models);
          declarationAt(half, end);
          renameAt(half, end, "x");
          outlineOf(half);
          aliasEdit(half, "x", "copilot/x");
        }, undefined, `${name} at ${end}`);
        asked += 1;
      }
    }
  }
  assert.ok(asked > 1000, String(asked));
});

cases("an alias can be added to any file that works, which goes on serving all that it served", async () => {
  let tried = 0;
  for (const { name, text } of texts) {
    const before = await loadText(text);
    const edit = aliasEdit(text, "new-alias", "copilot/gpt-4o");
    if (before === undefined || edit === undefined) continue;
    tried += 1;
    const changed = applyEdits(text, [edit], createOffsets(text));
    const after = await loadText(changed);
    assert.ok(after !== undefined, `${name}:\n${changed}`);
    const added = after.models.filter(({ name: alias }) => alias === "new-alias");
    assert.is(added.length, 1, changed);
    assert.equal(after.models.filter((alias) => !added.includes(alias)).toSorted(byName), before.models.toSorted(byName), changed);
    // As text: certificates are made anew for each read of them.
    assert.is(JSON.stringify({ ...after, models: [], generation: "" }), JSON.stringify({ ...before, models: [], generation: "" }), changed);
  }
  assert.ok(tried > 20, String(tried));
});

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

cases("any name of any file that works can be another one", async () => {
  let tried = 0;
  for (const { name, text } of texts) {
    const before = await loadText(text);
    const draft = readDraft(text);
    if (before === undefined || draft === undefined) continue;
    const offsetAt = createOffsets(text);
    for (const use of namesIn(draft.root).filter(({ isDeclaration }) => isDeclaration)) {
      const renamed = renameAt(text, offsetAt(use.range.start), "new-name");
      assert.ok("edits" in renamed, `${name}: ${use.name}`);
      const changed = applyEdits(text, renamed.edits, offsetAt);
      tried += 1;
      // Where the one name was part of a wildcard's service, the other may be none that anybody serves.
      if (use.name.includes("*")) continue;
      assert.ok((await loadText(changed)) !== undefined, `${name}: ${use.name} in\n${changed}`);
    }
  }
  assert.ok(tried > 30, String(tried));
});

cases.run();
