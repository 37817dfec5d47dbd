import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createSecretStore, readSecret } from "../../src/vscode/secrets.ts";
import { createChannelLog } from "../../src/vscode/output.ts";

const storage = (entries: Readonly<Record<string, string>>) => ({ get: async (key: string) => entries[key] });

const secrets = suite("vscode/secrets");

secrets("reads what the editor keeps under a name", async () => {
  assert.equal(await readSecret(storage({ "secret.ci": "abc" }), "ci"), { value: "abc" });
});

secrets("takes an empty secret for none, and says how to set it", async () => {
  for (const entries of [{}, { "secret.ci": "" }]) {
    const read = await readSecret(storage(entries), "ci");
    assert.match("missing" in read ? `${read.missing} ${read.hint}` : "", /^The secret ci is not set\. Run the command "LLM Proxy: Set Secret"/);
  }
});

secrets("keeps, names and forgets what it is given", async () => {
  const kept = new Map<string, string>();
  const remembered = new Map<string, unknown>();
  const store = createSecretStore({
    storage: { get: async (key) => kept.get(key), store: async (key, value) => void kept.set(key, value), delete: async (key) => void kept.delete(key) },
    memory: { get: (key: string) => remembered.get(key) as never, update: async (key, value) => void remembered.set(key, value) },
  });
  for (const [name, value] of [["b", "1"], ["a", "2"], ["b", "3"]] as const) await store.store(name, value);
  assert.equal([store.names(), await store.read("b")], [["a", "b"], { value: "3" }]);
  await store.forget("b");
  assert.equal(store.names(), ["a"]);
  assert.ok("missing" in await store.read("b"));
});

secrets.run();

const output = suite("vscode/output");

const setUpLog = (isEnabled: boolean) => {
  const lines: string[] = [];
  const at = (level: string) => (line: string): void => void lines.push(`${level}|${line}`);
  const log = createChannelLog({ debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, () => isEnabled);
  return { log, lines };
};

output("writes an event and its fields on one line, at its level", () => {
  const { log, lines } = setUpLog(true);
  log.info("running", { folder: "my app", urls: ["http://127.0.0.1:8080"], nothing: undefined });
  log.debug("quiet");
  assert.equal(lines, ['info|running folder="my app" urls=http://127.0.0.1:8080', "debug|quiet"]);
});

output("writes only what went wrong while it is switched off", () => {
  const { log, lines } = setUpLog(false);
  for (const level of ["debug", "info", "warn", "error"] as const) log[level]("said");
  assert.equal(lines, ["warn|said", "error|said"]);
});

output.run();
