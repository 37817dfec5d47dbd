import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hoverAt } from "../../../src/vscode/editing/hover.ts";
import { goldenCases, offer, renderRange } from "./golden.ts";

const cases = suite("vscode/editing/hover");

/** The schema's own words are its own matter: they may change without a change here. */
const shorten = (line: string): string => (line.length > 60 ? `${line.slice(0, line.indexOf(" ", 20))} …` : line);

for (const { name, text, offset, check } of goldenCases("hover")) {
  cases(name, () => {
    const found = hoverAt(text, offset, offer.models);
    check(found === undefined ? null : { at: renderRange(found.range), lines: found.text.split("\n\n").map(shorten) });
  });
}

cases("shows names of a file as text, whatever Markdown would make of them", () => {
  const text = "models:\n  \"[x](command:y)\": copilot/gpt-4o\n";
  const hover = hoverAt(text, text.indexOf("x"), []);
  assert.match(hover?.text ?? "", "\\[x\\]\\(command:y\\)");
});

cases("says nothing of models before the window has told them", () => {
  const text = "models:\n  a: copilot/none\n";
  assert.match(hoverAt(text, text.indexOf("none"), offer.models)?.text ?? "", "no such model");
  assert.not.match(hoverAt(text, text.indexOf("none"), [])?.text ?? "", "no such model");
});

cases.run();
