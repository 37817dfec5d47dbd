import { suite } from "uvu";
import * as assert from "uvu/assert";
import type * as vscode from "vscode";
import { watchConfigFile } from "../../src/vscode/config-file.ts";
import { createHandClock } from "../support/hand-clock.ts";

type Listener<Event> = (event: Event) => unknown;

const setUp = () => {
  const clock = createHandClock();
  const listeners = { create: new Set<Listener<vscode.Uri>>(), change: new Set<Listener<vscode.Uri>>(), remove: new Set<Listener<vscode.Uri>>(), window: new Set<Listener<vscode.WindowState>>() };
  const event = <Event>(set: Set<Listener<Event>>): vscode.Event<Event> => (listener) => {
    set.add(listener);
    return { dispose: () => void set.delete(listener) };
  };
  let isWatching = true;
  let changes = 0;
  const watcher = {
    ignoreChangeEvents: false, ignoreCreateEvents: false, ignoreDeleteEvents: false,
    onDidCreate: event(listeners.create), onDidChange: event(listeners.change), onDidDelete: event(listeners.remove),
    dispose: () => void (isWatching = false),
  };
  const patterns: string[] = [];
  class RelativePattern {
    baseUri = {} as vscode.Uri;
    base = "";
    pattern: string;
    constructor(_base: unknown, pattern: string) {
      this.pattern = pattern;
      patterns.push(pattern);
    }
  }
  const editor = { RelativePattern, workspace: { createFileSystemWatcher: () => watcher }, window: { onDidChangeWindowState: event(listeners.window) } };
  const subscription = watchConfigFile(editor, {} as vscode.WorkspaceFolder, clock, () => void (changes += 1));
  const fire = (kind: "create" | "change" | "remove"): void => listeners[kind].forEach((listener) => listener({} as vscode.Uri));
  const focus = (focused: boolean): void => listeners.window.forEach((listener) => listener({ focused, active: focused }));
  return { clock, fire, focus, subscription, patterns, listeners, changes: () => changes, isWatching: () => isWatching };
};

const watch = suite("vscode/config-file");

watch("follows the file being made, written, removed and renamed over, once all is quiet", () => {
  const { clock, fire, changes, patterns } = setUp();
  assert.equal(patterns, [".llmproxy.yaml"]);
  for (const kind of ["create", "change", "remove"] as const) {
    const before = changes();
    fire(kind);
    clock.advance(199);
    fire(kind);
    clock.advance(199);
    assert.is(changes(), before, `${kind}: not quiet yet`);
    clock.advance(1);
    assert.is(changes(), before + 1, kind);
  }
});

watch("looks when the user comes back to the window, not when they leave it", () => {
  const { clock, focus, changes } = setUp();
  focus(false);
  clock.advance(200);
  assert.is(changes(), 0);
  focus(true);
  clock.advance(200);
  assert.is(changes(), 1);
});

watch("lets go of everything", () => {
  const { clock, fire, changes, subscription, listeners, isWatching } = setUp();
  fire("change");
  subscription.dispose();
  clock.advance(200);
  assert.is(changes(), 0);
  assert.not(isWatching());
  assert.is(Object.values(listeners).reduce((sum, { size }) => sum + size, 0), 0);
});

watch.run();
