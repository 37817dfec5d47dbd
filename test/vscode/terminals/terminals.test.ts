import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keyReferenceOf } from "../../../src/config/key-reference.ts";
import type { FolderStatus } from "../../../src/vscode/folder-proxy.ts";
import { registerTerminals, type TerminalsOptions } from "../../../src/vscode/terminals/register.ts";
import { variablesOf } from "../../../src/vscode/terminals/variables.ts";
import type { WindowProxy } from "../../../src/vscode/window-proxies.ts";
import { folderStatus, runningFolder, servedOn } from "../../support/folder-status.ts";
import { words } from "../../support/words.ts";

const variables = suite("vscode/terminals/variables");

const route = { name: "v1", path: "/v1", protocols: ["openai-chat"], listeners: ["local"], needsKey: false };

variables("names the address as each vendor's own clients take it", () => {
  const both = servedOn([8080], { routes: [{ ...route, protocols: ["openai-responses", "anthropic-messages"] }] });
  assert.equal(variablesOf(both, undefined), { OPENAI_BASE_URL: "http://127.0.0.1:8080/v1", ANTHROPIC_BASE_URL: "http://127.0.0.1:8080" });
  const elsewhere = servedOn([8080], { routes: [{ ...route, path: "/claude/v1", protocols: ["anthropic-messages"] }, { ...route, path: "/" }] });
  assert.equal(variablesOf(elsewhere, undefined), { OPENAI_BASE_URL: "http://127.0.0.1:8080", ANTHROPIC_BASE_URL: "http://127.0.0.1:8080/claude" });
});

variables("leaves out what no client could be told", () => {
  assert.equal(variablesOf(servedOn([8080], { routes: [{ ...route, path: "/claude", protocols: ["anthropic-messages"] }] }), undefined), {});
  assert.equal(variablesOf(servedOn([8080], { routes: [{ ...route, protocols: ["ollama"] }] }), undefined), {});
  const waiting = servedOn([], { listeners: [{ name: "local", url: "http://127.0.0.1:8080", state: "waiting" }] });
  assert.equal(variablesOf(waiting, undefined), {});
});

variables("gives the key where one is asked for, and nowhere else", () => {
  const keyed = servedOn([8080], { routes: [{ ...route, protocols: ["openai-chat", "anthropic-messages"], needsKey: true }] });
  assert.equal(variablesOf(keyed, "sesame"), {
    OPENAI_BASE_URL: "http://127.0.0.1:8080/v1", OPENAI_API_KEY: "sesame", ANTHROPIC_BASE_URL: "http://127.0.0.1:8080", ANTHROPIC_API_KEY: "sesame",
  });
  assert.equal(variablesOf(servedOn([8080]), "sesame"), { OPENAI_BASE_URL: "http://127.0.0.1:8080/v1" });
});

variables("connects to this machine where every address is listened on", () => {
  const listenOn = (url: string) => variablesOf(servedOn([], { listeners: [{ name: "local", url, state: "listening" }] }), undefined)["OPENAI_BASE_URL"];
  assert.equal([listenOn("http://0.0.0.0:8080"), listenOn("http://[::]:8080"), listenOn("https://192.0.2.1:8443")], ["http://127.0.0.1:8080/v1", "http://[::1]:8080/v1", "https://192.0.2.1:8443/v1"]);
});

variables.run();

const reference = suite("config/key-reference");

reference("finds where a key is, and nothing where there is only its hash, no key, or no valid file", () => {
  const find = (text: string, name = "ci") => keyReferenceOf(new TextEncoder().encode(text), name);
  assert.equal(find('version: 1\nkeys: { ci: { key: "${secret:one}" } }\n'), { kind: "secret", name: "one" });
  for (const text of [`version: 1\nkeys: { ci: { hash: "sha256:${"0".repeat(64)}" } }\n`, "version: 1\n", "version: [", ""]) assert.is(find(text), undefined);
  assert.is(find("version: 1\n", "__proto__"), undefined);
});

reference.run();

const terminals = suite("vscode/terminals");

/** A window with two folders, whose statuses and settings a test holds in its hands. */
const setUp = () => {
  const world = { statuses: new Map<string, FolderStatus>(), settings: {} as Record<string, unknown>, folders: ["a", "b"], keysRead: [] as string[] };
  const scopes = new Map<string, Map<string, string>>();
  const scopeOf = (name: string) => {
    const values = scopes.get(name) ?? new Map<string, string>();
    scopes.set(name, values);
    return { values, description: undefined, persistent: true, replace: (key: string, value: string) => void values.set(key, value), clear: () => values.clear() };
  };
  const collection = { ...scopeOf("window"), getScoped: ({ workspaceFolder }: { readonly workspaceFolder: { readonly name: string } }) => scopeOf(workspaceFolder.name) };
  const listeners = { proxies: new Set<() => void>(), settings: new Set<(change: { affectsConfiguration(name: string): boolean }) => void>() };
  const proxyOf = (name: string) => ({
    id: name, file: { fsPath: `/${name}/.llmproxy.yaml` }, folder: { name, uri: name }, status: () => world.statuses.get(name) ?? folderStatus({ name }),
  }) as unknown as WindowProxy;
  const registration = registerTerminals({
    editor: {
      l10n: words,
      Disposable: { from: (...all: readonly { dispose(): void }[]) => ({ dispose: () => all.forEach((each) => each.dispose()) }) },
      workspace: {
        getConfiguration: () => ({ get: (name: string, otherwise: unknown) => world.settings[name] ?? otherwise }),
        onDidChangeConfiguration(listener: (change: { affectsConfiguration(name: string): boolean }) => void) {
          listeners.settings.add(listener);
          return { dispose: () => void listeners.settings.delete(listener) };
        },
      },
    } as unknown as TerminalsOptions["editor"],
    collection: collection as unknown as TerminalsOptions["collection"],
    proxies: {
      list: () => world.folders.map(proxyOf),
      onDidChange(listener) {
        listeners.proxies.add(listener);
        return { dispose: () => void listeners.proxies.delete(listener) };
      },
    },
    async readKey(file, name) {
      world.keysRead.push(`${file.fsPath} ${name}`);
      return "sesame";
    },
    log: { warn: (event) => assert.unreachable(event) },
  });
  const change = async (what: "proxies" | "settings"): Promise<void> => {
    for (const listener of listeners[what]) listener({ affectsConfiguration: (name) => name === "llmProxy.terminalEnvironment" });
    await new Promise((done) => void setImmediate(done));
  };
  const shown = () => Object.fromEntries([...scopes].filter(([, values]) => values.size > 0).map(([name, values]) => [name, Object.fromEntries(values)]));
  return { world, change, shown, registration, listeners, collection };
};

terminals("gives nothing until a setting says so", async () => {
  const { world, change, shown, collection } = setUp();
  world.statuses.set("a", runningFolder("a", 8080));
  await change("proxies");
  assert.equal(shown(), {});
  assert.is(collection.persistent, false, "a stale port would outlive the window");
  world.settings = { terminalEnvironment: true };
  await change("settings");
  assert.equal(shown(), { a: { OPENAI_BASE_URL: "http://127.0.0.1:8080/v1" } });
});

terminals("follows the port of each folder, and takes back what has stopped or gone", async () => {
  const { world, change, shown } = setUp();
  world.settings = { terminalEnvironment: true };
  world.statuses.set("a", runningFolder("a", 8080)).set("b", runningFolder("b", 9090));
  await change("proxies");
  world.statuses.set("a", runningFolder("a", 8082));
  await change("proxies");
  assert.equal(shown(), { a: { OPENAI_BASE_URL: "http://127.0.0.1:8082/v1" }, b: { OPENAI_BASE_URL: "http://127.0.0.1:9090/v1" } });
  world.statuses.set("a", folderStatus({ name: "a" }));
  world.folders = ["a"];
  await change("proxies");
  assert.equal(shown(), {});
});

terminals("gives the key that is named for it, and reads none of a file that is not in force", async () => {
  const { world, change, shown } = setUp();
  world.settings = { terminalEnvironment: true, terminalKey: "ci" };
  const keyed: FolderStatus = { ...runningFolder("a"), proxy: servedOn([8080], { routes: [{ ...route, needsKey: true }] }) };
  world.statuses.set("a", { ...keyed, isOutdated: true });
  await change("proxies");
  assert.equal([world.keysRead, shown()["a"]], [[], { OPENAI_BASE_URL: "http://127.0.0.1:8080/v1" }]);
  world.statuses.set("a", keyed);
  await change("proxies");
  assert.equal([world.keysRead, shown()["a"]], [["/a/.llmproxy.yaml ci"], { OPENAI_BASE_URL: "http://127.0.0.1:8080/v1", OPENAI_API_KEY: "sesame" }]);
});

terminals("listens to nothing once it is disposed of", () => {
  const { registration, listeners } = setUp();
  registration.dispose();
  assert.equal([listeners.proxies.size, listeners.settings.size], [0, 0]);
});

terminals.run();
