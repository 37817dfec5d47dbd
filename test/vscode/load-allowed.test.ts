import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reference } from "../../src/config/references.ts";
import { loadAllowed } from "../../src/vscode/load-allowed.ts";

const cases = suite("vscode/load-allowed");

/** Loads a text; gives what became of it, what was asked and which references were read. */
const loadWith = async (text: string, answer: boolean) => {
  const asked: string[] = [];
  const read: Reference[] = [];
  const allows = (file: string): boolean => {
    asked.push(file);
    return answer;
  };
  const secrets = { read: (reference: Reference) => (read.push(reference), { value: "value" }) };
  const loaded = await loadAllowed("/a/.llmproxy.yaml", new TextEncoder().encode(text), { allows }, { secrets });
  return { ...loaded, asked, read };
};

const risky = "version: 1\nupstreams:\n  a:\n    baseUrl: https://a.example.com/v1\n    apiKey: \"${env:A_KEY}\"\n";

cases("holds a file back and reads nothing that it names, until it is allowed", async () => {
  const { config, isHeld, read, problems } = await loadWith(risky, false);
  assert.equal([config, isHeld, read], [undefined, true, []]);
  assert.equal(problems.map(({ severity, path, range }) => [severity, path, range.start.line]), [["warning", ["upstreams", "a", "baseUrl"], 4]]);
  assert.match(problems[0]?.message ?? "", /send prompts to https:\/\/a\.example\.com\/v1; read the environment variable A_KEY/);
});

cases("reads what it names once it is allowed", async () => {
  const { config, isHeld, read } = await loadWith(risky, true);
  assert.equal(config?.upstreams.map(({ apiKey }) => apiKey), [{ value: "value" }]);
  assert.equal([isHeld, read], [undefined, [{ kind: "env", name: "A_KEY" }]]);
});

cases("neither asks about nor reads for a file with errors", async () => {
  const { asked, read, isHeld, problems } = await loadWith(`${risky}routes: [{ models: [nobody] }]\n`, true);
  assert.equal([asked, read, isHeld], [[], [], undefined]);
  assert.is(problems[0]?.severity, "error");
});

cases("leaves an empty file what it is", async () => {
  const { isEmpty, asked } = await loadWith("# soon\n", false);
  assert.equal([isEmpty, asked], [true, []]);
});

cases.run();
