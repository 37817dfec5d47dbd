import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type * as vscode from "vscode";
import type { OfferSource } from "../../../src/vscode/editing/offer-source.ts";
import { writeFirstFile } from "../../../src/vscode/editing/write-first-file.ts";

const cases = suite("vscode/editing/write-first-file");

/** An editor as far as writing looks at it, and what the person gets to see. */
const setUp = (isCancelled = false) => {
  const said: string[] = [];
  const say = async (message: string): Promise<void> => void said.push(message);
  const editor = {
    ProgressLocation: {},
    Uri: { joinPath: ({ fsPath }: vscode.Uri, name: string) => ({ fsPath: join(fsPath, name) }) },
    l10n: { t: (message: string, ...values: readonly string[]) => values.reduce((filled, value, index) => filled.replace(`{${index}}`, value), message) },
    window: {
      showErrorMessage: say,
      showWarningMessage: say,
      showInformationMessage: say,
      showTextDocument: async ({ fsPath }: vscode.Uri) => void said.push(`opened ${existsSync(fsPath)}`),
      withProgress: (_options: unknown, work: (progress: unknown, token: unknown) => unknown) => work({}, { isCancellationRequested: isCancelled }),
    },
  } as unknown as typeof vscode;
  const model = { vendor: "copilot", family: "gpt-4o", version: "1", id: "gpt-4o", name: "GPT-4o", maxInputTokens: 1000 };
  const offer = (async () => ({ models: [model], secrets: [], env: [] })) as unknown as OfferSource;
  return { said, write: (folder: string) => writeFirstFile(editor, offer, { fsPath: folder } as vscode.Uri) };
};

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-proxy-first-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

cases("writes what the window has, and opens it", () => inFolder(async (folder) => {
  const { said, write } = setUp();
  await write(folder);
  assert.match(readFileSync(join(folder, ".llmproxy.yaml"), "utf8"), "copilot/gpt-4o");
  assert.equal(said, ["opened true"]);
}));

cases("says why a file could not be written, and opens none", () => inFolder(async (folder) => {
  const { said, write } = setUp();
  await write(join(folder, "gone"));
  assert.is(said.length, 1);
  assert.match(said[0] ?? "", /^\.llmproxy\.yaml could not be written: ENOENT.* Choose a folder that you may write to\.$/);
}));

cases("writes nothing once it is cancelled", () => inFolder(async (folder) => {
  const { said, write } = setUp(true);
  await write(folder);
  assert.not(existsSync(join(folder, ".llmproxy.yaml")));
  assert.equal(said, []);
}));

cases.run();
