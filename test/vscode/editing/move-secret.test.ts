import { suite } from "uvu";
import * as assert from "uvu/assert";
import type * as vscode from "vscode";
import { applyEdits, type Edit } from "../../../src/config/fix.ts";
import { createOffsets } from "../../../src/config/positions.ts";
import { moveSecret } from "../../../src/vscode/editing/move-secret.ts";

const cases = suite("vscode/editing/move-secret");

/** An editor with one file, as far as moving looks at it. */
const createDesk = ({ text, isDirty = false, kept = {} }: { readonly text: string; readonly isDirty?: boolean; readonly kept?: Readonly<Record<string, string>> }) => {
  const stored = new Map(Object.entries(kept));
  const done: string[] = [];
  const document = { text, isDirty, getText: () => document.text, save: async () => void done.push("saved") };
  class WorkspaceEdit {
    readonly edits: Edit[] = [];
    replace(_file: unknown, range: Edit["range"], replacement: string): void {
      this.edits.push({ range, text: replacement });
    }
  }
  /** The editor counts from 0. */
  class Range {
    readonly start: Edit["range"]["start"];
    readonly end: Edit["range"]["end"];
    constructor(startLine: number, startColumn: number, endLine: number, endColumn: number) {
      this.start = { line: startLine + 1, column: startColumn + 1 };
      this.end = { line: endLine + 1, column: endColumn + 1 };
    }
  }
  const editor = {
    WorkspaceEdit,
    Range,
    l10n: { t: (message: string, ...values: readonly string[]) => values.reduce((filled, value, index) => filled.replace(`{${index}}`, value), message) },
    window: { showInformationMessage: async (message: string) => void done.push(message.slice(0, 40)) },
    workspace: {
      openTextDocument: async () => document,
      applyEdit: async ({ edits }: WorkspaceEdit) => {
        done.push("edited");
        document.text = applyEdits(document.text, edits, createOffsets(document.text));
        return true;
      },
    },
  };
  const secrets = {
    read: async (name: string) => {
      const value = stored.get(name);
      return value === undefined ? { missing: "", hint: "" } : { value };
    },
    store: async (name: string, value: string) => {
      done.push("stored");
      stored.set(name, value);
    },
    names: () => [...stored.keys()],
  };
  return { stored, done, document, move: (...path: readonly string[]) => moveSecret(editor as unknown as typeof vscode, secrets, {} as vscode.Uri, path) };
};

const file = "version: 1\nkeys:\n  ci: { key: \"sk-abc\" } # mine\n";

cases("keeps the key first, then takes it out of the file, then off the disk", async () => {
  const desk = createDesk({ text: file });
  await desk.move("keys", "ci", "key");
  assert.equal([...desk.stored], [["ci", "sk-abc"]]);
  assert.is(desk.document.text, file.replace("\"sk-abc\"", "\"${secret:ci}\""));
  assert.equal(desk.done, ["stored", "edited", "saved", "The key is now the secret ci of this edi"]);
});

cases("leaves it to the person to save what they had not saved before", async () => {
  const desk = createDesk({ text: file, isDirty: true });
  await desk.move("keys", "ci", "key");
  assert.not.ok(desk.done.includes("saved"));
});

cases("leaves another project's secret of that name as it is, and shares one that is the same", async () => {
  const desk = createDesk({ text: file, kept: { ci: "another", "ci-2": "one more" } });
  await desk.move("keys", "ci", "key");
  assert.equal([...desk.stored], [["ci", "another"], ["ci-2", "one more"], ["ci-3", "sk-abc"]]);
  assert.match(desk.document.text, "${secret:ci-3}");
  const same = createDesk({ text: file, kept: { ci: "sk-abc" } });
  await same.move("keys", "ci", "key");
  assert.equal([...same.stored], [["ci", "sk-abc"]]);
});

cases("takes an upstream's key too, and does nothing where no key stands any more", async () => {
  const desk = createDesk({ text: "version: 1\nupstreams: { far: { baseUrl: \"https://llm.test/v1\", apiKey: sk-far } }\n" });
  await desk.move("upstreams", "far", "apiKey");
  assert.equal([...desk.stored], [["far", "sk-far"]]);
  const fine = createDesk({ text: file.replace("sk-abc", "${env:K}") });
  await fine.move("keys", "ci", "key");
  assert.equal(fine.done, []);
});

cases.run();
