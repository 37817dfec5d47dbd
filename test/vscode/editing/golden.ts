import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import type { Range } from "../../../src/config/positions.ts";
import type { Offer } from "../../../src/vscode/editing/offer.ts";

/** Pairs of files: `NAME.yaml` is half a configuration with its cursor as `|`, `NAME.json` what comes of it. */
export const goldenCases = (folder: string): readonly { readonly name: string; readonly text: string; readonly offset: number; readonly check: (actual: unknown) => void }[] => {
  const path = fileURLToPath(new URL(`cases/${folder}/`, import.meta.url));
  return readdirSync(path).filter((name) => name.endsWith(".yaml")).map((file) => {
    const marked = readFileSync(`${path}${file}`, "utf8");
    const offset = Math.max(marked.indexOf("|"), 0);
    const expected = `${path}${file.replace(/yaml$/, "json")}`;
    return {
      name: file.slice(0, -".yaml".length),
      text: marked.replace("|", ""),
      offset,
      check(actual) {
        // Writes what a new or changed case gives, for a person to read before it is committed.
        if (process.env["UPDATE_CASES"] === "1") writeFileSync(expected, `${JSON.stringify(actual, null, 2)}\n`);
        assert.ok(existsSync(expected), `${expected} is missing: UPDATE_CASES=1 writes it`);
        assert.equal(JSON.parse(JSON.stringify(actual)), JSON.parse(readFileSync(expected, "utf8")));
      },
    };
  });
};

/** What the window of the cases has. */
export const offer: Offer = {
  models: [
    { vendor: "copilot", family: "gpt-4o", id: "gpt-4o", version: "gpt-4o-2024-11-20", name: "GPT-4o", maxInputTokens: 63_805 },
    { vendor: "copilot", family: "claude-sonnet-4", id: "claude-sonnet-4", version: "claude-sonnet-4", name: "Claude Sonnet 4", maxInputTokens: 79_805 },
    { vendor: "fixture", family: "fixture", id: "small", version: "1", name: "Small", maxInputTokens: 8192 },
    { vendor: "fixture", family: "fixture", id: "large", version: "2", name: "Large", maxInputTokens: 128_000 },
  ],
  secrets: ["ci"],
  variables: ["HOME", "CI_KEY"],
};

export const renderRange = ({ start, end }: Range): string => `${start.line}:${start.column}-${end.line}:${end.column}`;
