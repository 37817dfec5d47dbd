import type * as vscode from "vscode";

/** The door of all words that people see: the editor's own, which puts them into the language that it is set to. */
export type Words = Pick<typeof vscode.l10n, "t">;
