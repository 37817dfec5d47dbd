import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";
import { isError, type Problem } from "../../src/config/problem.ts";
import { caseNames } from "./cases.ts";
import { editOf } from "./random-edits.ts";

const cases = suite("config/edits");

const folder = fileURLToPath(new URL("cases/", import.meta.url));

const read = (name: string): Promise<{ text: string; isValid: boolean }> => {
  const text = readFileSync(`${folder}${name}.yaml`, "utf8");
  return load(text).then(({ config }) => ({ text, isValid: config !== undefined }));
};

const files = (await Promise.all(caseNames.map(read))).filter(({ isValid }) => isValid).map(({ text }) => text);

/** Whether a problem stands in the text: an editor would not show one beyond its end. */
const standsIn = (text: string, { range: { start, end } }: Problem): boolean => {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const isIn = (line: number, column: number): boolean => line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 2;
  return isIn(start.line, start.column) && isIn(end.line, end.column) && (start.line < end.line || (start.line === end.line && start.column <= end.column));
};

cases("whatever is done to a valid file, it is a configuration or a problem with its place, never a crash", async () => {
  assert.ok(files.length > 10, "there are valid files to edit");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), fc.array(editOf(files), { minLength: 1, maxLength: 4 }), async (file, edits) => {
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
