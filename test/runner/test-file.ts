import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** A tool that `scripts/setup-tests.mjs` brings for the files that ask for it. */
export type Need = "chromium" | "dist" | "prometheus" | "python" | "vscode";
const needs: readonly string[] = ["chromium", "dist", "prometheus", "python", "vscode"] satisfies Need[];

/** One `*.test.ts` and how it wants to be run. */
export interface TestFile {
  readonly path: string;
  /** The path below the test folder without `.test.ts`, with forward slashes: `policies/rate-limit`. */
  readonly name: string;
  readonly deadlineSeconds: number;
  /** Runs while no other file does. */
  readonly isSerial: boolean;
  readonly needs: readonly Need[];
}

/**
 * What a file says of itself in a comment line: `// runner: serial, deadline 300 s, needs python chromium`.
 * A name that ends with `.vscode.test.ts` says `serial, deadline 900 s, needs vscode` by itself.
 * Throws on a word it does not know: a misspelt wish would be ignored in silence.
 */
export const readDirectives = (name: string, source: string): Omit<TestFile, "path" | "name"> => {
  const isVsCode = name.endsWith(".vscode");
  let deadlineSeconds = isVsCode ? 900 : 120;
  let isSerial = isVsCode;
  const needed = new Set<string>(isVsCode ? ["vscode"] : []);
  const line = /^\/\/ runner: (.+)$/m.exec(source)?.[1] ?? "";
  for (const directive of line.split(",").map((part) => part.trim())) {
    const [word, ...rest] = directive.split(/\s+/);
    if (word === "serial" && rest.length === 0) isSerial = true;
    else if (word === "deadline" && /^\d+ s$/.test(rest.join(" "))) deadlineSeconds = Number(rest[0]);
    else if (word === "needs" && rest.every((need) => needs.includes(need))) for (const need of rest) needed.add(need);
    else if (directive !== "") {
      throw new Error(
        `${name}: "// runner:" does not know "${directive}". Write serial, deadline N s, or needs and any of ${needs.join(", ")}.`,
      );
    }
  }
  return { deadlineSeconds, isSerial, needs: [...needed] as Need[] };
};

/** Every test file below `folder`, sorted by name. Folders called `fixtures` hold files for tests to read, not tests. */
export const findTestFiles = (folder: string): readonly TestFile[] =>
  globSync("**/*.test.ts", { cwd: folder })
    .map((path) => ({
      path: join(folder, path),
      name: path
        .split(sep)
        .join("/")
        .replace(/\.test\.ts$/, ""),
    }))
    .filter(({ name }) => !name.split("/").includes("fixtures"))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((file) => ({ ...file, ...readDirectives(file.name, readFileSync(file.path, "utf8")) }));

/** The files whose path holds one of the words; `test/policies/auth.test.ts` and `policies` both name a file. Throws on a word that finds none. */
export const selectTestFiles = (files: readonly TestFile[], words: readonly string[]): readonly TestFile[] => {
  const matches = (file: TestFile, word: string): boolean =>
    `test/${file.name}.test.ts`.includes(word.split(sep).join("/").replace(/^\.\//, ""));
  for (const word of words) {
    if (!files.some((file) => matches(file, word))) throw new Error(`No test file has "${word}" in its path.`);
  }
  return words.length === 0 ? files : files.filter((file) => words.some((word) => matches(file, word)));
};
