import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { renderReference, referencePath } from "../../scripts/generate-docs.mjs";
import { load } from "../../src/config/load.ts";
import { isError } from "../../src/config/problem.ts";
import { schema } from "../../src/config/schema.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: root })];

interface Block {
  readonly place: string;
  /** What follows `yaml` on the line that opens the block. */
  readonly mark: string;
  readonly text: string;
}

const blocksOf = (page: string): readonly Block[] => {
  const text = readFileSync(`${root}${page}`, "utf8");
  return [...text.matchAll(/^( *)```ya?ml *(.*)\n([^]*?)^\1```/gm)].map((match) => ({
    place: `${page}:${text.slice(0, match.index).split("\n").length}`,
    mark: match[2] ?? "",
    text: (match[3] ?? "").replaceAll(new RegExp(`^${match[1]}`, "gm"), ""),
  }));
};

const cases = suite("docs");

cases("the table of properties is that of the schema; npm run generate-docs makes it anew", () => {
  assert.is(readFileSync(referencePath, "utf8"), renderReference(schema));
});

const blocks = pages.flatMap(blocksOf);

cases("show configurations", () => assert.ok(blocks.length > 0));

for (const { place, mark, text } of blocks) {
  cases(`${place}: ${mark === "" ? "is a file that works" : mark}`, async () => {
    const { problems } = await load(text);
    const errors = problems.filter(isError).map(({ message }) => message);
    // A block that is no whole file, or a wrong one on purpose, says so to its reader and to this test.
    if (mark === "") assert.equal(errors, []);
    else if (mark === "invalid") assert.ok(errors.length > 0, "this block is marked as invalid and is valid");
    else assert.is(mark, "other", "a block is a valid file, or says ```yaml invalid, or ```yaml other where it is no .llmproxy.yaml");
  });
}

cases.run();
