import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";
import type { Problem } from "../../src/config/problem.ts";
import { maxFileBytes } from "../../src/config/source-text.ts";

const cases = suite("config/hostile");

/** The text over and over, up to the largest size that is read. */
const filled = (text: string, start = "version: 1\n"): string => start + text.repeat(Math.floor((maxFileBytes - start.length) / text.length));

const lines = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join("\n");

/** Each of these takes some parser seconds, all of its memory, or down. */
const files: Readonly<Record<string, string>> = {
  "open lists": filled("["),
  "open mappings": filled("{a: ", ""),
  "nested items": filled("- ", ""),
  "deep indentation": lines(1400, (index) => `${" ".repeat(index)}a:`),
  "many questions": filled("? "),
  "many commas": `${filled("1,", "version: 1\nx-a: [")}]`,
  "many names": filled("x-a: b\n", ""),
  "wide mapping": `version: 1\nmodels:\n${lines(60_000, (index) => `  m${index}: a/b`)}`.slice(0, maxFileBytes),
  "wide mapping within the limit": `version: 1\nmodels:\n${lines(6000, (index) => `  m${index}: 1`)}`,
  "unknown names": lines(8000, (index) => `name${index}: 1`),
  "one name of a megabyte": filled("a", "version: 1\n").concat(": 1").slice(-maxFileBytes),
  "one alias of a megabyte": `version: 1\nmodels: { "${"a".repeat(1_000_000)} ": a/b }`,
  "one target of a megabyte": `version: 1\nmodels: { a: "${"a".repeat(1_000_000)}*/" }`,
  "one host of a megabyte": `version: 1\nlisteners: { a: { host: "${"a".repeat(1_000_000)}!" } }`,
  "one host of colons": `version: 1\nlisteners: { a: { host: "${":".repeat(1_000_000)}!" } }`,
  "one path of a megabyte": `version: 1\nroutes: [{ path: "/${"a/".repeat(500_000)}!" }]`,
  "one duration of a megabyte": `version: 1\nmodels: { a: { echo: { delay: "${"1".repeat(1_000_000)}" } } }`,
  "one key of a megabyte": `version: 1\nkeys: { a: { key: "\${${"A".repeat(1_000_000)}" } }`,
  "many anchors": `version: 1\nx-a:\n${lines(50_000, (index) => `- &a${index} x`)}`,
  "many aliases": filled("- *a\n", "version: 1\nx-a: &a 1\nx-b:\n"),
  "many merges": `version: 1\nx-a: &a { ${lines(2000, (index) => `k${index}: 1`).replaceAll("\n", ", ")} }\nx-b:\n${lines(2000, () => "- <<: *a")}`,
  "an alias bomb": `version: 1\nx-a: &a [1]\n${lines(20, (index) => `x-${index}: &${"b".repeat(index + 1)} [*${index === 0 ? "a" : "b".repeat(index)}, *${index === 0 ? "a" : "b".repeat(index)}]`)}`,
  "many tags": filled("!a "),
  "many anchors on one value": filled("&a "),
  "many directives": filled("%A\n", ""),
  "many documents": filled("---\n", ""),
  "many quotes": filled("\""),
  "many closing brackets": filled("]"),
  "many tabs": filled("\t", ""),
  "many line ends": filled("\n", ""),
  "many comments": filled("#\n", ""),
  "many wrong indentations": filled("- a: b\n c\n", ""),
  "many duplicates": lines(9000, () => "version: 1"),
  "many same ports": `version: 1\nlisteners: { a: { ports: [${"1,".repeat(20_000)}1] } }`,
  "many listeners on one port": `version: 1\nlisteners:\n${lines(3000, (index) => `  l${index}: {}`)}`,
  "many routes on one path": `version: 1\nroutes:\n${lines(3000, (index) => `- { name: r${index} }`)}`,
};

const hasPlace = ({ range: { start, end }, message, hint }: Problem): boolean =>
  start.line >= 1 && start.column >= 1 && (end.line > start.line || (end.line === start.line && end.column >= start.column)) && message !== "" && hint !== "";

for (const [name, text] of Object.entries(files)) {
  cases(`${name}: a problem with its place`, async () => {
    const { config, problems } = await load(text);
    assert.is(config, undefined);
    assert.ok(problems.length > 0 && problems.length <= 100, `${problems.length} problems`);
    for (const problem of problems) assert.ok(hasPlace(problem), JSON.stringify(problem).slice(0, 500));
    assert.ok(JSON.stringify(problems.map(({ message, hint }) => message + hint)).length < 100_000, "problems stay short");
  });
}

cases("a file beyond the limit is not even decoded", async () => {
  const { problems } = await load(new Uint8Array(maxFileBytes + 1).fill(0xff));
  assert.match(problems[0]?.message ?? "", "larger than 1 MiB");
});

cases("a large file that is all comment but for a line still works", async () => {
  const { config } = await load(`version: 1\n# ${"x".repeat(1_000_000)}\n`);
  assert.ok(config);
});

cases.run();
