import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Folder } from "../../src/vscode/folders.ts";
import { createWindowProxies } from "../../src/vscode/window-proxies.ts";
import { folderStatus } from "../support/folder-status.ts";
import { words } from "../support/words.ts";

const cases = suite("vscode/window-proxies");

const folderAt = (path: string): Folder => ({
  folder: { name: path.split("/").at(-1), uri: { fsPath: path, toString: () => `file://${path}` } },
  file: { fsPath: `${path}/.llmproxy.yaml` },
  proxy: { status: () => folderStatus({ name: "as the proxy has it" }) },
} as unknown as Folder);

const setUp = (paths: readonly string[], isInForce: boolean) => {
  const listeners = new Set<() => void>();
  const onDidChange = (listener: () => void) => {
    listeners.add(listener);
    return { dispose: () => void listeners.delete(listener) };
  };
  const settings = { isInForce: () => isInForce, status: () => undefined, start: async () => {}, restart: async () => {}, stop: async () => {}, onDidChange };
  return { listeners, proxies: createWindowProxies({ list: () => paths.map(folderAt), onDidChange }, settings, words) };
};

cases("names folders so that no two are alike", () => {
  const { proxies } = setUp(["/one/api", "/two/api", "/web"], false);
  assert.equal(proxies.list().map(({ id, status }) => [id, status().name]), [
    ["file:///one/api", "api (/one/api)"], ["file:///two/api", "api (/two/api)"], ["file:///web", "web"],
  ]);
});

cases("has the settings beside the folders while they are what counts", () => {
  assert.equal(setUp(["/web"], true).proxies.list().map(({ status }) => [status().name, status().state]), [["web", "stopped"], ["settings", "stopped"]]);
  assert.equal(setUp(["/web"], false).proxies.list().map(({ id }) => id), ["file:///web"]);
});

cases("tells of changes of both until it is disposed of", () => {
  const { proxies, listeners } = setUp([], true);
  const subscription = proxies.onDidChange(() => {});
  assert.is(listeners.size, 1, "the same listener, to both");
  subscription.dispose();
  assert.is(listeners.size, 0);
});

cases.run();
