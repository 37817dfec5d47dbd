import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../../src/config/load.ts";
import { complete } from "../../../src/vscode/editing/complete.ts";
import type { Completion } from "../../../src/vscode/editing/completion.ts";
import { goldenCases, offer } from "./golden.ts";

const cases = suite("vscode/editing/complete");

/** The first few of the language's names: that it has more of them one day is no matter of these cases. */
const shorten = (items: readonly Completion[]): readonly Completion[] => {
  const left = items.filter(({ kind }) => kind === "property").slice(4);
  return items.filter((item) => !left.includes(item));
};

for (const { name, text, offset, check } of goldenCases("complete")) {
  cases(name, () => {
    const found = complete(text, offset, offer);
    check(found === undefined ? null : {
      ...(found.end > found.start && { replaces: text.slice(found.start, found.end) }),
      items: shorten(found.items).map(({ label, kind, insert, detail }) => `${label} -> ${kind} ${JSON.stringify(insert)}${detail === undefined ? "" : `, ${detail}`}`),
    });
  });
  cases(`${name}, with CRLF, gives the same`, () => {
    const before = text.slice(0, offset).replaceAll("\n", "\r\n");
    const windows = complete(`${before}${text.slice(offset).replaceAll("\n", "\r\n")}`, before.length, offer);
    assert.equal(windows?.items, complete(text, offset, offer)?.items);
  });
}

cases("every value that is offered for a name of the language is valid there", async () => {
  const sections = ["listeners:\n  local:\n    ", "models:\n  a:\n    echo:\n      ", "defaults:\n  ", "routes:\n  - ", "defaults:\n  timeout:\n    ", "defaults:\n  retry:\n    ", "metrics:\n  ", "health:\n  ", "shutdown:\n  "];
  let tried = 0;
  for (const section of sections) {
    const start = `version: 1\nkeys: { ci: { key: "\${env:CI_KEY}" } }\n${section}`;
    for (const property of complete(start, start.length, offer)?.items ?? []) {
      if (!property.insert.endsWith(": ")) continue;
      const line = `${start}${property.insert}`;
      for (const value of complete(line, line.length, offer)?.items ?? []) {
        // These name what a file has to declare or a disk to hold.
        if (/^(?:listeners|models|auth|certFile|keyFile)/.test(property.label)) continue;
        tried += 1;
        const { problems } = await load(`${line}${value.insert}\n`);
        assert.equal(problems.filter(({ severity }) => severity === "error").map(({ message }) => message), [], `${line}${value.insert}`);
      }
    }
  }
  assert.ok(tried > 40, `${tried} values were offered`);
});

cases.run();
