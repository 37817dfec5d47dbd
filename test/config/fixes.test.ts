import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyEdits } from "../../src/config/fix.ts";
import { load } from "../../src/config/load.ts";
import { createOffsets } from "../../src/config/positions.ts";
import type { Problem } from "../../src/config/problem.ts";
import { caseFiles, caseNames, casePath, caseSecrets } from "./cases.ts";

const cases = suite("config/fixes");

const loadText = async (text: string): Promise<readonly Problem[]> => (await load(text, { secrets: caseSecrets, files: caseFiles })).problems;

/** How often a file is told the same: a fix may leave the same mistake in other places. */
const countOf = ({ message }: Problem, problems: readonly Problem[]): number => problems.filter((other) => other.message === message).length;

for (const name of caseNames) {
  const text = readFileSync(casePath(name), "utf8").replace(/^\uFEFF/, "");
  for (const [kind, source] of [["", text], [" with CRLF", text.replaceAll(/\r?\n/g, "\r\n")]] as const) {
    cases(`${name}${kind}: each fix does away with its problem`, async () => {
      const problems = await loadText(source);
      for (const problem of problems) {
        for (const { title, edits } of problem.fixes ?? []) {
          const fixed = applyEdits(source, edits, createOffsets(source));
          const left = await loadText(fixed);
          assert.ok(countOf(problem, left) < countOf(problem, problems), `${title} of "${problem.message}" gives\n${fixed}\n${JSON.stringify(left[0])}`);
          if (kind !== "") assert.not.match(fixed, /[^\r]\n/, `${title} writes another line end`);
        }
      }
    });
  }
}

cases.run();
