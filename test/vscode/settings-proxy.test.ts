import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";
import type { FolderStatus } from "../../src/vscode/folder-proxy.ts";
import { createSettingsProxy, type SettingsProxyOptions } from "../../src/vscode/settings-proxy.ts";
import { noFigures } from "../support/figures.ts";
import { createTestServices } from "../support/services.ts";
import { words } from "../support/words.ts";

const cases = suite("vscode/settings-proxy");

const waiting: FolderStatus = { name: "project", state: "waiting", problems: [], isOutdated: false, hasFile: false };
const withFile: FolderStatus = { ...waiting, state: "running", hasFile: true };

/** A window whose folders, settings and messages a test holds in its hands. */
const setUp = (settings: Readonly<Record<string, unknown>> = {}, statuses: readonly FolderStatus[] = [waiting]) => {
  const { clock, log } = createTestServices();
  const world = { settings, statuses, served: [] as string[], closed: 0, messages: [] as string[], isTrusted: true };
  const listeners = { folders: new Set<() => void>(), settings: new Set<(change: { affectsConfiguration(): boolean }) => void>() };
  const folders = {
    statuses: () => world.statuses,
    onDidChange(listener: () => void) {
      listeners.folders.add(listener);
      return { dispose: () => void listeners.folders.delete(listener) };
    },
  };
  const editor = {
    l10n: words,
    commands: {},
    window: { showErrorMessage: async (message: string) => void world.messages.push(message) },
    workspace: {
      get isTrusted() {
        return world.isTrusted;
      },
      getConfiguration: () => ({
        get: (name: string, otherwise: unknown) => world.settings[name] ?? otherwise,
        inspect: (name: string) => ({ globalValue: world.settings[name] }),
      }),
      onDidChangeConfiguration(listener: (change: { affectsConfiguration(): boolean }) => void) {
        listeners.settings.add(listener);
        return { dispose: () => void listeners.settings.delete(listener) };
      },
    },
  } as unknown as SettingsProxyOptions["vscode"];
  const settingsProxy = createSettingsProxy({
    vscode: editor, folders, clock, log,
    loadServer: async () => ({
      createForSettings(read) {
        let state: "running" | "stopped" = "stopped";
        return {
          status: () => ({ state, generation: "0", instance: "", version: "", listeners: [], routes: [], models: [], figures: noFigures }),
          problems: () => [],
          async deploy() {
            const { config, problems } = await load(await read());
            if (config === undefined) return { kind: "rejected", problems };
            state = "running";
            world.served.push(config.listeners.flatMap(({ ports }) => ports).join());
            return { kind: "applied", problems };
          },
          async close() {
            world.closed += 1;
            state = "stopped";
          },
        };
      },
    }),
  });
  const change = (what: "folders" | "settings"): Promise<void> => {
    for (const listener of listeners[what]) listener({ affectsConfiguration: () => true });
    return new Promise((done) => void setImmediate(done));
  };
  return { settingsProxy, world, change, listeners };
};

cases("starts nothing by itself, and what the settings say when it is started", async () => {
  const { settingsProxy, world, change } = setUp({ port: 9000 });
  await change("folders");
  assert.equal([world.served, settingsProxy.status()], [[], undefined]);
  await settingsProxy.start();
  assert.equal([world.served, settingsProxy.status()?.state], [["9000"], "running"]);
});

cases("starts by itself where the user has said so, once the folders are read and none has a file", async () => {
  const { world, change } = setUp({ autoStart: true }, [{ ...waiting, state: "stopped" }]);
  await change("folders");
  assert.equal(world.served, []);
  world.statuses = [waiting];
  await change("folders");
  assert.equal(world.served, ["8080"]);
  const other = setUp({ autoStart: true }, [withFile]);
  await other.change("folders");
  assert.equal(other.world.served, []);
  const untrusted = setUp({ autoStart: true }, [{ ...waiting, state: "stopped" }]);
  untrusted.world.isTrusted = false;
  untrusted.world.statuses = [waiting];
  await untrusted.change("folders");
  assert.equal(untrusted.world.served, []);
});

cases("does not start again by itself what was stopped by hand", async () => {
  const { settingsProxy, world, change } = setUp({ autoStart: true });
  await change("folders");
  await settingsProxy.stop();
  await change("folders");
  assert.equal([world.served.length, settingsProxy.status()], [1, undefined]);
});

cases("gives way to a folder's file", async () => {
  const { settingsProxy, world, change } = setUp();
  await settingsProxy.start();
  assert.ok(settingsProxy.isInForce());
  world.statuses = [waiting, withFile];
  await change("folders");
  assert.equal([settingsProxy.isInForce(), settingsProxy.status(), world.closed], [false, undefined, 1]);
});

cases("follows the settings", async () => {
  const { settingsProxy, world, change } = setUp({ port: 9000 });
  await change("settings");
  assert.equal(world.served, [], "nobody has started it");
  await settingsProxy.start();
  world.settings = { port: 9001 };
  await change("settings");
  assert.equal(world.served, ["9000", "9001"]);
});

cases("says which setting is wrong, once, and goes on with what ran before", async () => {
  const { settingsProxy, world, change } = setUp();
  await settingsProxy.start();
  world.settings = { host: "0.0.0.0" };
  await change("settings");
  await change("settings");
  assert.is(world.messages.length, 1);
  assert.match(world.messages[0] ?? "", /^LLM Proxy cannot serve what llmProxy\.host says\. 0\.0\.0\.0 can be reached/);
  assert.is(settingsProxy.status()?.state, "running");
});

cases("listens to nothing once it is disposed of", () => {
  const { settingsProxy, listeners } = setUp();
  settingsProxy.dispose();
  assert.equal([listeners.folders.size, listeners.settings.size], [0, 0]);
});

cases.run();
