import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const cases = suite("vscode/editing/yaml-extension");

const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"));

const { contributes } = readJson("package.json") as { readonly contributes: { readonly yamlValidation: readonly { readonly fileMatch: readonly string[]; readonly url: string }[] } };

cases("knows both names of the file, and finds nothing to say of what is in them", () => {
  const [validation, ...others] = contributes.yamlValidation;
  assert.equal(others, []);
  assert.equal(validation?.fileMatch, [".llmproxy.yaml", ".llmproxy.yml"]);
  const schema = readJson(validation?.url ?? "") as object;
  assert.equal(Object.keys(schema).filter((keyword) => !["$schema", "$comment", "title"].includes(keyword)), []);
});

cases.run();
