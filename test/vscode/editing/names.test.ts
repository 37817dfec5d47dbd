import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyEdits } from "../../../src/config/fix.ts";
import { load } from "../../../src/config/load.ts";
import { createOffsets } from "../../../src/config/positions.ts";
import { declarationAt, nameAt, renameAt } from "../../../src/vscode/editing/names.ts";
import { goldenCases, renderRange } from "./golden.ts";

const cases = suite("vscode/editing/names");

for (const { name, text, offset, check } of goldenCases("names")) {
  cases(name, () => {
    const found = nameAt(text, offset);
    const declaration = declarationAt(text, offset);
    const renamed = renameAt(text, offset, "new-name");
    check({
      ...(found && { name: `${found.use.kind} ${found.use.name}`, uses: found.uses.map(({ range, isDeclaration }) => `${renderRange(range)}${isDeclaration ? " declaration" : ""}`) }),
      ...(declaration && { declaration: renderRange(declaration.range) }),
      renamed: "edits" in renamed ? applyEdits(text, renamed.edits, createOffsets(text)).split("\n") : renamed.refusal,
    });
  });
}

const file = `version: 1
listeners: { local: { auth: { keys: [ci] } } }
upstreams: { ollama: { baseUrl: "http://127.0.0.1:11434/v1" } }
models:
  fast: { upstream: ollama, model: x }
  slow: [copilot/x, { upstream: ollama, model: y }]
keys: { ci: { key: "\${env:CI_KEY}", models: [fast] } }
routes:
  - { listeners: [local], models: [fast, slow], auth: { keys: [ci] } }
`;

for (const name of ["local", "ollama", "fast", "ci"]) {
  cases(`a file means the same with ${name} under another name, which may need quotes`, async () => {
    for (const other of ["x", "4.10", "true", "a.b-c_d"]) {
      const renamed = renameAt(file, file.indexOf(name), other);
      assert.ok("edits" in renamed);
      const text = applyEdits(file, renamed.edits, createOffsets(file));
      const { config, problems } = await load(text);
      assert.equal(problems, [], text);
      assert.not.match(text, new RegExp(`\\b${name}\\b`));
      assert.match(JSON.stringify(config), JSON.stringify(other));
    }
  });
}

cases("refuses names that are taken or that the language does not allow", () => {
  const refusal = (name: string): string => {
    const renamed = renameAt(file, file.indexOf("fast"), name);
    return "refusal" in renamed ? renamed.refusal : "";
  };
  assert.is(refusal("slow"), "There is an alias named slow already.");
  assert.match(refusal("two words"), "one word");
  assert.match(refusal(""), "one word");
  assert.is(refusal("fast"), "");
});

cases.run();
