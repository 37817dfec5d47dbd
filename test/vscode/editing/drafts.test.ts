import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../../src/config/problem.ts";
import { createDrafts, type DraftsOptions } from "../../../src/vscode/editing/drafts.ts";
import { createHandClock } from "../../support/hand-clock.ts";
import { nextTurn } from "../../support/turn.ts";

const cases = suite("vscode/editing/drafts");

type Listener<Event> = (event: Event) => void;

/** An editor's documents, as far as drafts look at them. */
const createDesk = (path: string, scheme = "file") => {
  const listeners = new Map<string, Listener<never>>();
  const on = (name: string) => (listener: Listener<never>) => {
    listeners.set(name, listener);
    return { dispose: () => void listeners.delete(name) };
  };
  const document = { uri: { scheme, path, toString: () => `${scheme}://${path}` }, version: 1, isDirty: false, isClosed: false, text: "", getText: () => document.text };
  const fire = (name: string, event: unknown): void => (listeners.get(name) as Listener<unknown> | undefined)?.(event);
  const clock = createHandClock();
  const checked: string[] = [];
  let isFollowed = true;
  const options = {
    workspace: { textDocuments: [document], onDidOpenTextDocument: on("open"), onDidChangeTextDocument: on("change"), onDidSaveTextDocument: on("save"), onDidCloseTextDocument: on("close") },
    clock,
    isFollowed: () => isFollowed,
    check: async (text: string): Promise<readonly Problem[]> => {
      checked.push(text);
      return text === "" ? [] : [{ severity: "error", message: text, hint: "", path: [], range: { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } } }];
    },
  };
  const drafts = createDrafts(options as unknown as DraftsOptions);
  return {
    drafts, clock, checked, document, listeners,
    follow: (value: boolean) => void (isFollowed = value),
    async type(text: string) {
      Object.assign(document, { text, isDirty: true, version: document.version + 1 });
      fire("change", { document, contentChanges: [{}] });
    },
    async save() {
      document.isDirty = false;
      fire("save", document);
    },
    async close() {
      document.isClosed = true;
      fire("close", document);
    },
    /** What is shown after so long. */
    async after(ms: number): Promise<readonly string[] | undefined> {
      clock.advance(ms);
      await nextTurn();
      return drafts.problems().get(document.uri.toString())?.map(({ message }) => message);
    },
  };
};

cases("says what is wrong with what is typed, once it stops", async () => {
  const desk = createDesk("/f/.llmproxy.yaml");
  assert.is(await desk.after(1000), undefined);
  for (const text of ["a", "ab", "abc"]) {
    await desk.type(text);
    assert.is(await desk.after(100), undefined);
  }
  assert.equal(await desk.after(100), ["abc"]);
  assert.equal(desk.checked, ["abc"]);
});

cases("leaves a saved file to the proxy that follows it, a moment later", async () => {
  const desk = createDesk("/f/.llmproxy.yaml");
  await desk.type("abc");
  await desk.after(200);
  await desk.save();
  assert.equal(await desk.after(900), ["abc"]);
  assert.is(await desk.after(100), undefined);
});

cases("has the word on a saved file that no proxy follows, as soon as none does", async () => {
  const desk = createDesk("/f/.llmproxy.yaml");
  desk.document.text = "abc";
  assert.is(await desk.after(1000), undefined);
  desk.follow(false);
  desk.drafts.refresh();
  assert.equal(await desk.after(200), ["abc"]);
  desk.follow(true);
  desk.drafts.refresh();
  assert.is(await desk.after(200), undefined);
});

cases("says that a file of another name is not read, and nothing of files of other names yet", async () => {
  const desk = createDesk("/f/.llmproxy.yml");
  desk.follow(false);
  await desk.type("abc");
  assert.equal(await desk.after(200), ["A file of this name is not read.", "abc"]);
  // Nor of an older state of a file, which a comparison shows.
  for (const other of [createDesk("/f/config.yaml"), createDesk("/f/.llmproxy.yaml", "git")]) {
    await other.type("abc");
    assert.is(await other.after(5000), undefined);
    assert.equal(other.checked, []);
  }
});

cases("forgets a file that is closed, and leaves nothing behind", async () => {
  const desk = createDesk("/f/.llmproxy.yaml");
  let changes = 0;
  desk.drafts.onDidChange(() => void (changes += 1));
  await desk.type("abc");
  await desk.after(200);
  await desk.close();
  assert.is(await desk.after(200), undefined);
  assert.is(changes, 2);
  await desk.type("abcd");
  await desk.save();
  desk.drafts.dispose();
  assert.is(desk.clock.waiting, 0);
  assert.is(desk.listeners.size, 0);
});

cases.run();
