import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isWithin } from "../../../src/config/positions.ts";
import { outlineOf, type OutlineItem } from "../../../src/vscode/editing/outline.ts";
import { goldenCases, renderRange } from "./golden.ts";

const cases = suite("vscode/editing/outline");

const render = ({ name, detail, kind, range, children }: OutlineItem): readonly string[] =>
  [`${kind} ${name}${detail === "" ? "" : ` (${detail})`} ${renderRange(range)}`, ...children.flatMap(render).map((line) => `  ${line}`)];

const everyItem = (items: readonly OutlineItem[]): readonly OutlineItem[] => items.flatMap((item) => [item, ...everyItem(item.children)]);

for (const { name, text, check } of goldenCases("outline")) {
  cases(name, () => check(outlineOf(text).flatMap(render)));
  cases(`${name}: names lie within what they name, as an editor demands`, () => {
    for (const { range, nameRange } of everyItem(outlineOf(text))) assert.ok(isWithin(nameRange.start, range) && isWithin(nameRange.end, range));
  });
}

cases.run();
