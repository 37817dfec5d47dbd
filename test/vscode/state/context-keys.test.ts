import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FolderStatus } from "../../../src/vscode/folder-proxy.ts";
import { registerContextKeys } from "../../../src/vscode/state/context-keys.ts";
import type { WindowProxies } from "../../../src/vscode/window-proxies.ts";
import { noFigures } from "../../support/figures.ts";
import { folderStatus, runningFolder, servedOn } from "../../support/folder-status.ts";
import { createHandClock } from "../../support/hand-clock.ts";

const cases = suite("vscode/state/context-keys");

cases("tells what there is to act on, each change once, and keeps what has been answered", () => {
  const clock = createHandClock();
  const told: string[] = [];
  let status: FolderStatus = folderStatus();
  let change = (): void => {};
  const editor = {
    commands: { executeCommand: async (_: string, key: string, value: boolean) => void told.push(`${key} ${value}`) },
    Disposable: { from: (...all: readonly { dispose(): void }[]) => ({ dispose: () => all.forEach((each) => each.dispose()) }) },
  } as unknown as Parameters<typeof registerContextKeys>[0];
  const proxies = { list: () => [{ status: () => status }], onDidChange: (listener: () => void) => ((change = listener), { dispose() {} }) } as unknown as WindowProxies;
  const keys = registerContextKeys(editor, proxies, clock);
  const since = (): readonly string[] => told.splice(0);
  assert.equal(since(), ["llmProxy.isStarted false", "llmProxy.isServing false", "llmProxy.hasAnswered false"]);
  status = folderStatus({ state: "starting" });
  change();
  assert.equal(since(), ["llmProxy.isStarted true"]);
  status = runningFolder("a", 8080);
  change();
  change();
  assert.equal(since(), ["llmProxy.isServing true"]);

  const { sinceStart } = noFigures.duration;
  status = folderStatus({ state: "running", proxy: servedOn([8080], { figures: { ...noFigures, duration: { ...noFigures.duration, sinceStart: { ...sinceStart, count: 1 } } } }) });
  clock.advance(2000);
  assert.equal(since(), ["llmProxy.hasAnswered true"]);
  status = folderStatus();
  change();
  assert.equal(since(), ["llmProxy.isStarted false", "llmProxy.isServing false"]);
  assert.is(clock.waiting, 0);
  keys.dispose();
});

cases.run();
