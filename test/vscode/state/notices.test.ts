import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../../src/config/problem.ts";
import type { FolderStatus } from "../../../src/vscode/folder-proxy.ts";
import { registerNotices, type NoticesOptions } from "../../../src/vscode/state/notices.ts";
import type { WindowProxy } from "../../../src/vscode/window-proxies.ts";
import { folderStatus } from "../../support/folder-status.ts";
import { createHandClock } from "../../support/hand-clock.ts";
import { words } from "../../support/words.ts";

const cases = suite("vscode/state/notices");

const broken: Problem = { severity: "error", message: "It is broken.", hint: "Mend it.", path: ["models"], range: { start: { line: 3, column: 5 }, end: { line: 3, column: 9 } } };
const taken: Problem = {
  ...broken, message: "127.0.0.1:8080 is taken.", path: ["listeners", "local", "ports", 0],
  fixes: [{ title: "Use port 8082", edits: [{ range: { start: { line: 2, column: 1 }, end: { line: 2, column: 5 } }, text: "8082" }] }],
};
const unset: Problem = { ...broken, severity: "warning", message: "The secret ci is not set.", path: ["keys", "ci", "key"], fixes: [{ title: "Set the secret ci", edits: [], sets: "ci" }] };
const plainWarning: Problem = { ...broken, severity: "warning", message: "Held." };

class Range {
  readonly at: readonly unknown[];
  constructor(...at: readonly unknown[]) {
    this.at = at;
  }
}
class Position extends Range {}
class WorkspaceEdit {
  readonly edits: unknown[] = [];
  replace(_uri: unknown, { at }: Range, text: string): void {
    this.edits.push([...at, text]);
  }
}

/** A window with one folder, in which a test holds the folder's status and answers messages. */
const setUp = () => {
  const clock = createHandClock();
  const messages: { readonly kind: string; readonly text: string; readonly buttons: readonly string[]; press(button?: string): Promise<void> }[] = [];
  const world = { status: folderStatus({ state: "running" }), visible: [] as string[], isDirty: false, edits: [] as unknown[], saved: 0, ran: [] as unknown[], shown: [] as unknown[] };
  const listeners = new Set<() => void>();
  const settle = (): Promise<void> => new Promise((done) => void setImmediate(done));
  const message = (kind: string) => (text: string, ...buttons: readonly string[]) => new Promise<string | undefined>((resolve) => {
    messages.push({ kind, text, buttons, press(button) {
      resolve(button);
      return settle();
    } });
  });
  const uri = { toString: () => "file:///project/.llmproxy.yaml" };
  const editor = {
    l10n: words, Range, Position, WorkspaceEdit,
    Disposable: { from: (...all: readonly { dispose(): void }[]) => ({ dispose: () => all.forEach((each) => each.dispose()) }) },
    commands: { executeCommand: async (...args: readonly unknown[]) => void world.ran.push(args) },
    window: {
      showErrorMessage: message("error"),
      showWarningMessage: message("warning"),
      showTextDocument: async (_file: unknown, options?: { readonly selection?: Range }) => void world.shown.push(options?.selection?.at ?? []),
      get visibleTextEditors() {
        return world.visible.map((shown) => ({ document: { uri: shown } }));
      },
    },
    workspace: {
      openTextDocument: async () => ({ isDirty: world.isDirty, save: async () => void (world.saved += 1) }),
      applyEdit: async ({ edits }: WorkspaceEdit) => {
        world.edits.push(...edits);
        return true;
      },
    },
  } as unknown as NoticesOptions["editor"];
  const proxy = { id: "project", file: uri, status: () => world.status } as unknown as WindowProxy;
  const notices = registerNotices({
    editor, clock,
    proxies: {
      list: () => [proxy],
      onDidChange(listener) {
        listeners.add(listener);
        return { dispose: () => void listeners.delete(listener) };
      },
    },
  });
  const become = (status: Partial<FolderStatus>, ms = 1000): void => {
    world.status = folderStatus({ state: "running", ...status });
    for (const listener of listeners) listener();
    clock.advance(ms);
  };
  return { become, messages, world, clock, notices, listeners };
};

cases("says once what is wrong with a file, and shows the place", async () => {
  const { become, messages, world } = setUp();
  become({ state: "error", problems: [broken] });
  become({ state: "error", problems: [{ ...broken }] });
  assert.equal(messages.map(({ kind, text, buttons }) => [kind, text, buttons]), [
    ["error", "LLM Proxy cannot take over the file of project, line 3: It is broken.", ["Show Problem"]],
  ]);
  await messages[0]?.press("Show Problem");
  assert.equal((world.shown as readonly (readonly Position[])[])[0]?.map(({ at }) => at), [[2, 4], [2, 4]]);
});

cases("says it again once it was mended and has come back, and says another at once", () => {
  const { become, messages } = setUp();
  become({ problems: [broken] });
  become({ problems: [] });
  become({ problems: [broken] });
  become({ problems: [{ ...broken, message: "Something else." }] });
  assert.is(messages.length, 3);
});

cases("says nothing of what passes within a second, of what is in front of somebody's eyes, and of what is asked about elsewhere", () => {
  const { become, messages, world } = setUp();
  become({ problems: [broken] }, 500);
  become({ problems: [] });
  become({ state: "waiting", problems: [plainWarning] });
  world.visible = ["file:///project/.llmproxy.yaml"];
  become({ problems: [broken] });
  world.visible = [];
  become({ problems: [broken] });
  assert.equal(messages, []);
});

cases("changes the file to another port and saves it", async () => {
  const { become, messages, world } = setUp();
  world.visible = ["file:///project/.llmproxy.yaml"];
  become({ state: "error", problems: [taken] });
  assert.equal(messages[0]?.buttons, ["Use port 8082", "Show Problem"]);
  await messages[0]?.press("Use port 8082");
  assert.equal([world.edits, world.saved], [[[1, 0, 1, 4, "8082"]], 1]);
});

cases("changes nothing that somebody is typing in, nor a file that has become another", async () => {
  const { become, messages, world } = setUp();
  become({ state: "error", problems: [taken] });
  world.isDirty = true;
  await messages[0]?.press("Use port 8082");
  assert.equal([world.edits, world.shown.length], [[], 1]);

  const other = setUp();
  other.become({ state: "error", problems: [taken] });
  other.world.status = folderStatus({ state: "error", problems: [broken] });
  await other.messages[0]?.press("Use port 8082");
  assert.equal([other.world.edits, other.world.shown.length], [[], 1]);
});

cases("asks for a secret that is not set", async () => {
  const { become, messages, world } = setUp();
  become({ problems: [plainWarning, unset] });
  assert.equal(messages.map(({ kind, text, buttons }) => [kind, text, buttons]), [["warning", "LLM Proxy, project: The secret ci is not set.", ["Set Secret", "Show Problem"]]]);
  await messages[0]?.press("Set Secret");
  assert.equal(world.ran, [["llmProxy.setSecret", "ci"]]);
});

cases("says nothing of a folder that was stopped, and nothing once it is disposed of", () => {
  const { become, messages, clock, notices, listeners } = setUp();
  become({ state: "stopped", problems: [broken] });
  assert.equal(messages, []);
  become({ problems: [broken] }, 0);
  notices.dispose();
  clock.advance(2000);
  assert.equal([messages.length, listeners.size, clock.waiting], [0, 0, 0]);
});

cases.run();
