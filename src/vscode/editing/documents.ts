import type * as vscode from "vscode";

/** The files that are helped with: the one that is read, and the name that people try instead. An older state of one, as in a comparison, is nobody's to mend. */
export const selector: vscode.DocumentFilter = { scheme: "file", pattern: "**/.llmproxy.{yaml,yml}" };

export const isConfiguration = ({ scheme, path }: vscode.Uri): boolean => scheme === "file" && /(?:^|\/)\.llmproxy\.ya?ml$/.test(path);

/** Whether a file of this name is read at all. */
export const isReadName = ({ path }: vscode.Uri): boolean => path.endsWith(".yaml");
