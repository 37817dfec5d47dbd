import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkImports } from "./architecture/check.ts";
import { homes } from "./architecture/rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");

/** The text of every source file by its path below src/. What is generated is no part of the story. */
const readSources = (): Record<string, string> =>
  Object.fromEntries(
    globSync("**/*.ts", { cwd: src })
      .map((path) => [path.split(sep).join("/"), readFileSync(join(src, path), "utf8")] as const)
      .filter(([path]) => !path.startsWith("config/generated/")),
  );

const architecture = suite("architecture");

architecture("every import goes the way that test/architecture/rules.ts describes", () => {
  const sources = readSources();
  assert.ok(Object.keys(sources).length > 10, "the sources were found");
  const problems = checkImports(sources);
  // Printed rather than thrown: uvu would show a long message twice.
  for (const problem of problems) process.stdout.write(`\n${problem}`);
  assert.is(problems.length, 0);
});

architecture("every package with a home is one that package.json brings", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const known = new Set([...Object.keys(devDependencies), "vscode"]);
  assert.equal(
    Object.keys(homes).filter((name) => !known.has(name)),
    [],
  );
});

architecture.run();
