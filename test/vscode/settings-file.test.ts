import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";
import { sha256 } from "../../src/config/references.ts";
import { fileOfSettings, settingAt, type Settings } from "../../src/vscode/settings-file.ts";
import packageJson from "../../package.json" with { type: "json" };

const cases = suite("vscode/settings-file");

const usual: Settings = { host: "127.0.0.1", port: 8080, additionalPorts: [], apiKey: "", rateLimit: 0, requestTimeout: 600 };

cases("means what an empty file means, as long as nobody sets anything", async () => {
  const { config, problems } = await load(fileOfSettings(usual));
  const { config: plain } = await load("version: 1");
  assert.equal(problems, []);
  const withoutPlaces = (loaded: typeof config): unknown =>
    ({ ...loaded, generation: "", routes: loaded?.routes.map(({ timeout, ...route }) => ({ ...route, totalMs: timeout.total.ms })) });
  assert.equal(withoutPlaces(config), withoutPlaces(plain));
});

cases("has the defaults that the editor shows", () => {
  const { properties } = packageJson.contributes.configuration;
  const shown = Object.fromEntries(Object.keys(usual).map((name) => [name, properties[`llmProxy.${name as keyof Settings}`].default]));
  assert.equal(shown, usual);
});

cases("listens on every port once, wants the key, ends what takes too long", async () => {
  const { config } = await load(fileOfSettings({ host: "::1", port: 9000, additionalPorts: [9001, 9000], apiKey: "sesame", rateLimit: 5, requestTimeout: 30 }));
  assert.equal(config?.listeners.map(({ host, ports }) => [host, ports]), [["::1", [9000, 9001]]]);
  assert.equal(config?.keys, [{ name: "settings", sha256: sha256("sesame") }]);
  assert.equal(config?.routes.map(({ auth, timeout }) => [auth.accepts, timeout.total.ms]), [[["settings"], 30_000]]);
  assert.equal(config?.routes.map(({ rateLimit }) => rateLimit), [{ requestsPerMinute: 5, per: "ip" }]);
  assert.not.match(fileOfSettings({ ...usual, apiKey: "sesame" }), "sesame");
});

const wrong: readonly (readonly [keyof Settings, unknown])[] = [
  ["host", "http://127.0.0.1"], ["host", "0.0.0.0"], ["port", "8080a"], ["port", 70_000], ["requestTimeout", -1], ["rateLimit", 0.5], ["requestTimeout", "soon"],
];
for (const [name, value] of wrong) {
  cases(`names the setting that is wrong: ${name}: ${JSON.stringify(value)}`, async () => {
    const { config, problems } = await load(fileOfSettings({ ...usual, [name]: value }));
    assert.is(config, undefined);
    assert.equal([...new Set(problems.map(({ path }) => settingAt(path)))], [`llmProxy.${name}`]);
  });
}

cases("keeps what decides who gets in out of a repository's hands", () => {
  const { properties } = packageJson.contributes.configuration;
  for (const name of ["host", "port", "additionalPorts", "apiKey"] as const) {
    assert.is(properties[`llmProxy.${name}`].scope, "machine", name);
    assert.ok(packageJson.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(`llmProxy.${name}`), name);
  }
});

cases.run();
