import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";
import type { SecretSource } from "../../src/config/references.ts";

const cases = suite("config/generation");

const source = (value: string): SecretSource => ({ read: () => ({ value }) });

const generationOf = async (text: string, secrets = source("ci-key")): Promise<string> => {
  const { config, problems } = await load(text, { secrets });
  assert.ok(config, JSON.stringify(problems));
  return config.generation;
};

const file = `version: 1
listeners: { local: { ports: 8080 } }
models: { gpt-4: copilot/gpt-4o, fast: { vendor: copilot, family: mini } }
keys: { ci: { key: "\${env:CI_KEY}" } }
`;

cases("is eight hexadecimal digits", async () => assert.match(await generationOf(file), /^[0-9a-f]{8}$/));

cases("is the same for files that mean the same", async () => {
  const same = [
    `# a comment\n${file}\n# another\n`,
    file.replace("{ ports: 8080 }", "{ ports: [8080], host: 127.0.0.1, maxBodySize: 20480KiB, allowedHosts: [] }"),
    file.replace("{ vendor: copilot, family: mini }", "{ family: mini, vendor: copilot }"),
    file.replace("version: 1\n", "").concat("version: 1\n"),
    file.replace("copilot/gpt-4o,", "[copilot/gpt-4o],").concat("routes: [{ path: /v1 }]\n"),
    file.replaceAll("\n", "\r\n"),
  ];
  for (const text of same) assert.is(await generationOf(text), await generationOf(file), text);
});

cases("changes with the meaning", async () => {
  const other = [
    file.replace("8080", "8081"),
    file.replace("gpt-4o", "gpt-4.1"),
    file.replace("keys: { ci:", "keys: { dev:"),
    `${file}defaults: { auth: none }\n`,
    `${file}routes: [{ name: main }]\n`,
  ];
  for (const text of other) assert.is.not(await generationOf(text), await generationOf(file), text);
});

cases("changes with a key behind its reference", async () => {
  assert.is.not(await generationOf(file, source("another")), await generationOf(file));
});

cases.run();
