import type * as vscode from "vscode";
import { load } from "../../config/load.ts";
import { readDraft } from "../../config/draft.ts";
import type { Path } from "../../config/problem.ts";
import type { Secrets } from "./secrets.ts";
import { placesIn } from "./places.ts";
import { toWorkspaceEdit } from "./workspace-edit.ts";

/**
 * Keeps a literal key of a file in the editor's secret storage, and puts a reference in its place. A file that was saved
 * is saved again: until then the key is on the disk.
 */
export const moveSecret = async (editor: typeof vscode, secrets: Secrets, file: vscode.Uri, path: Path): Promise<void> => {
  const { l10n, window, workspace } = editor;
  const document = await workspace.openTextDocument(file);
  const text = document.getText();
  const value = literalAt(text, path);
  const fix = (await load(text)).problems.flatMap(({ fixes = [] }) => fixes).find(({ keeps }) => keeps !== undefined && isSame(keeps.path, path));
  if (value === undefined || fix?.keeps === undefined) return;
  const name = await freeName(secrets, fix.keeps.name, value);
  // First the one, then the other: a key is never in neither place.
  await secrets.store(name, value);
  const wasSaved = !document.isDirty;
  const edits = fix.edits.map((edit) => ({ ...edit, text: `"\${secret:${name}}"` }));
  if (!(await workspace.applyEdit(toWorkspaceEdit(file, edits, editor)))) return;
  if (wasSaved) await document.save();
  void window.showInformationMessage(l10n.t("The key is now the secret {0} of this editor. If the file was ever committed with it, make a new key.", name));
};

const literalAt = (text: string, path: Path): string | undefined => {
  const draft = readDraft(text);
  const found = draft && [...placesIn(draft.root)].find((place) => isSame(place.path, path));
  return typeof found?.value.data === "string" ? found.value.data : undefined;
};

const isSame = (a: Path, b: Path): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Secrets belong to the editor and not to a folder: another project may have one of this name. */
const freeName = async (secrets: Secrets, wanted: string, value: string): Promise<string> => {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const kept = await secrets.read(name);
    if (!("value" in kept) || kept.value === value) return name;
  }
};
