import { isUnsafePort } from "get-port-please";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { stringify } from "yaml";
import { defaults } from "../../src/config/defaults.ts";
import { endpointPaths } from "../../src/config/endpoint-paths.ts";
import { load } from "../../src/config/load.ts";
import { refusedPorts } from "../../src/config/refused-ports.ts";
import { definitionOf, objects, placesOf, schema, type Schema } from "../../src/config/schema.ts";
import { protocols } from "../../src/protocols/registry.ts";

const cases = suite("config/schema");

const properties = [...objects].flatMap(([object, part]) => Object.entries(part.properties ?? {}).map(([name, property]) => ({ object, name, property: definitionOf(property) })));

/** The literal defaults of the schema in the form of the table: object -> property -> value. */
const schemaDefaults = (): Record<string, Record<string, unknown>> => {
  const table: Record<string, Record<string, unknown>> = {};
  for (const { object, name, property } of properties) {
    if ("default" in property) table[object] = { ...table[object], [name]: property.default };
  }
  return table;
};

cases("has the same defaults as the table that fills them in", () => {
  assert.equal(schemaDefaults(), defaults);
});

cases("explains every property and every definition, with an example", () => {
  const unexplained = [...properties.map(({ object, name, property }) => [`${object}.${name}`, property] as const), ...Object.entries(schema.definitions ?? {})]
    .filter(([, part]) => (part.description ?? "").length < 5 || (part.examples ?? []).length === 0)
    .map(([name]) => name);
  assert.equal(unexplained, []);
});

cases("is valid in all of its examples", async () => {
  const wrong: string[] = [];
  for (const { object, name, property } of properties) {
    for (const example of property.examples ?? []) {
      const file = fileWith(object, name, example);
      const { problems } = await load(stringify(file));
      // An example that names a key or an alias stands for a file that declares it.
      const errors = problems.filter(({ severity, message }) => severity === "error" && !/^(?:No \w+ is named|A key is required)/.test(message) && !message.includes("can be reached from other machines"));
      if (errors.length > 0) wrong.push(`${object}.${name}: ${JSON.stringify(example)}: ${errors[0]?.message}`);
    }
  }
  assert.equal(wrong, []);
});

/** A file in which one property has the example as its value, and the others next to it what they need to be valid. */
const fileWith = (object: string, name: string, example: unknown): unknown => {
  if (object === "file") return { version: 1, [name]: example };
  const value = { ...completions[object], ...completions[`${object}.${name}`], [name]: example };
  const places: Readonly<Record<string, unknown>> = {
    listener: { listeners: { local: value } },
    tls: { listeners: { local: { tls: value } } },
    cors: { listeners: { local: { cors: value } } },
    upstream: { upstreams: { ollama: value } },
    longTarget: { models: { a: value } },
    longAlias: { models: { a: value } },
    requestSettings: { models: { a: { targets: ["copilot/gpt-4o"], defaults: value } } },
    echo: { models: { a: { echo: value } } },
    fail: { models: { a: { echo: { fail: value } } } },
    key: { keys: { ci: value } },
    defaults: { defaults: value },
    timeout: { defaults: { timeout: value } },
    rateLimit: { defaults: { rateLimit: value } },
    keyRateLimit: { keys: { ci: { key: "${env:CI_KEY}", rateLimit: value } } },
    retry: { defaults: { retry: value } },
    authKeys: { defaults: { auth: value } },
    route: { routes: [value] },
    shutdown: { shutdown: value },
    logging: { logging: value },
    metrics: { metrics: value },
    health: { health: value },
  };
  assert.ok(places[object] !== undefined, `this test knows no place for the properties of ${object}`);
  return { version: 1, ...(places[object] as object) };
};

const completions: Readonly<Record<string, object>> = {
  fail: { status: 500 },
  tls: { certFile: "certs/proxy.pem", keyFile: "certs/proxy.key" },
  "longTarget.upstream": { model: "llama3.1:8b" },
  "longTarget.model": { upstream: "ollama" },
  upstream: { baseUrl: "http://127.0.0.1:11434/v1" },
  "key.models": { key: "${env:CI_KEY}" },
  "key.rateLimit": { key: "${env:CI_KEY}" },
  "key.expires": { key: "${env:CI_KEY}" },
  longAlias: { targets: ["copilot/gpt-4o"] },
};

cases("names exactly the protocols that are there", () => {
  assert.equal(definitionOf(schema.definitions?.["protocols"]?.items ?? {}).enum, protocols.map(({ name }) => name));
});

cases("knows every endpoint that a path of the proxy's own must leave alone", () => {
  const served = protocols.map(({ name, endpoints }) => [name, [...new Set(endpoints.map(({ path }) => path))]] as const);
  assert.equal(endpointPaths, Object.fromEntries(served));
});

cases("knows every port that no listener takes", () => {
  const refused = Array.from({ length: 65_535 }, (_, index) => index + 1).filter((port) => isUnsafePort(port));
  assert.equal([...refusedPorts], refused);
});

cases("tells one typo in one problem, whatever the shape", async () => {
  const typos = [
    "listeners: { local: { ports: eight } }",
    "models: { a: 3 }",
    "models: { a: [3] }",
    "models: { a: { echo: { delay: x } } }",
    "models: { a: { vendor: copilot, famly: gpt-4o } }",
    "routes: [{ auth: maybe }]",
    "routes: [{ auth: { keys: 3 } }]",
    "keys: { ci: { key: x } }",
  ];
  for (const typo of typos) assert.is((await load(`version: 1\n${typo}\n`)).problems.length, 1, typo);
});

cases("refuses unknown properties in every mapping that is not free", () => {
  const open = [...objects].filter(([, part]) => part.additionalProperties !== false).map(([name]) => name);
  assert.equal(open, []);
});

cases("knows where a property belongs", () => {
  assert.equal(placesOf("host"), ["listeners.<name>"]);
  assert.equal(placesOf("routes"), [""]);
  assert.equal(placesOf("auth"), ["listeners.<name>", "defaults", "routes[]"]);
  assert.equal(placesOf("nonsense"), []);
});

cases("is draft-07, which every editor reads", () => {
  assert.is((schema as Schema & { $schema: string }).$schema, "http://json-schema.org/draft-07/schema#");
});

cases.run();
