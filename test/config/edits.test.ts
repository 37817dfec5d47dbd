import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";
import { isError, type Problem } from "../../src/config/problem.ts";
import { caseNames } from "./cases.ts";

const cases = suite("config/edits");

const folder = fileURLToPath(new URL("cases/", import.meta.url));

const read = (name: string): Promise<{ text: string; isValid: boolean }> => {
  const text = readFileSync(`${folder}${name}.yaml`, "utf8");
  return load(text).then(({ config }) => ({ text, isValid: config !== undefined }));
};

const files = (await Promise.all(caseNames.map(read))).filter(({ isValid }) => isValid).map(({ text }) => text);

/** What a slip of the hand, a merge conflict or a half-finished edit leaves behind. */
const pieces = [
  "\t", " ", "  ", "\n", "\n\n", "\r\n", ":", ": ", "- ", "*", "*a", "&a ", "<<: *a", "{", "}", "[", "]", ",", "\"", "'", "#", "|", ">", "!", "!!str ", "%", "@", "`", "?",
  "~", "null", "true", "0", "-1", "1e999", ".inf", "4.10", "\"8080\"", "${env:CI_KEY}", "\"${env:CI_KEY}\"", "${", "<<<<<<< HEAD\n", "=======\n", ">>>>>>> other\n",
  "---\n", "...\n", "%YAML 1.1\n---\n", "\u0000", "\u001B", "\uFEFF", "\uFFFD", "\uD800", "\u2028", "é", "🙂", "__proto__: 1\n", "constructor", "x-a: &a { b: *a }\n",
  "host: 0.0.0.0", "auth: none", "version: 2\n", "routes:\n", "models:\n", "keys: {}\n", "echo: {}",
];

type Edit = (text: string) => string;

const place = fc.nat({ max: 5000 });
const at = (text: string, where: number): number => where % (text.length + 1);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.constantFrom(...pieces)).map(([where, piece]): Edit => (text) => text.slice(0, at(text, where)) + piece + text.slice(at(text, where))),
  fc.tuple(place, fc.nat({ max: 30 })).map(([where, length]): Edit => (text) => text.slice(0, at(text, where)) + text.slice(at(text, where) + length)),
  fc.tuple(place, place).map(([from, to]): Edit => (text) => moveLine(text, from, to)),
  fc.tuple(place, fc.nat({ max: 4 })).map(([where, indent]): Edit => (text) => indentLine(text, where, indent)),
  fc.constantFrom(...files).map((other): Edit => (text) => text + other),
  place.map((where): Edit => (text) => text.slice(0, at(text, where))),
);

const moveLine: (text: string, from: number, to: number) => string = (text, from, to) => {
  const lines = text.split("\n");
  const [line = ""] = lines.splice(from % lines.length, 1);
  lines.splice(to % (lines.length + 1), 0, line);
  return lines.join("\n");
};

const indentLine = (text: string, where: number, indent: number): string => {
  const lines = text.split("\n");
  const index = where % lines.length;
  lines[index] = " ".repeat(indent) + (lines[index] ?? "").trimStart();
  return lines.join("\n");
};

/** Whether a problem stands in the text: an editor would not show one beyond its end. */
const standsIn = (text: string, { range: { start, end } }: Problem): boolean => {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const isIn = (line: number, column: number): boolean => line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 2;
  return isIn(start.line, start.column) && isIn(end.line, end.column) && (start.line < end.line || (start.line === end.line && start.column <= end.column));
};

cases("whatever is done to a valid file, it is a configuration or a problem with its place, never a crash", async () => {
  assert.ok(files.length > 10, "there are valid files to edit");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 4 }), async (file, edits) => {
      const text = edits.reduce((edited, change) => change(edited), file);
      const { config, problems } = await load(text);
      assert.is(config === undefined, problems.some(isError), text);
      for (const problem of problems) assert.ok(standsIn(text, problem), `${JSON.stringify(problem)} in ${JSON.stringify(text)}`);
    }),
    { numRuns: 3000 },
  );
});

cases("whatever the bytes, it is a configuration or a problem, never a crash", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const { config, problems } = await load(bytes);
      assert.is(config === undefined, problems.some(isError));
    }),
    { numRuns: 1000 },
  );
});

cases("a secret that is written out is never repeated in a problem", async () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9+/=_.-]{12,40}$/);
  const form = fc.constantFrom<(value: string) => string>(
    (value) => `key: ${value}`,
    (value) => `key: "${value}"`,
    (value) => `key: "$\{env:X}${value}"`,
    (value) => `key: [${value}]`,
    (value) => `hash: ${value}`,
    (value) => `hash: sha256:${value}`,
    (value) => `key: "${value}`,
    (value) => `key: ${value}: x`,
    (value) => `key:\n\t${value}`,
    (value) => `key: { ${value} }`,
    (value) => `key: !${value} x`,
    (value) => `key: *${value}`,
  );
  await fc.assert(
    fc.asyncProperty(secret, form, async (value, write) => {
      const { problems } = await load(`version: 1\nkeys:\n  ci:\n    ${write(value)}\n`);
      const said = JSON.stringify(problems.map(({ message, hint }) => [message, hint]));
      assert.not.ok(said.includes(value), `${said} repeats ${value}`);
    }),
    { numRuns: 1000 },
  );
});

cases.run();
