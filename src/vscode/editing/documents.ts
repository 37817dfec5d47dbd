import type * as vscode from "vscode";

/** The files that are helped with: the one that is read, and the name that people try instead. */
export const selector: vscode.DocumentFilter = { pattern: "**/.llmproxy.{yaml,yml}" };

export const isConfiguration = ({ path }: vscode.Uri): boolean => /(?:^|\/)\.llmproxy\.ya?ml$/.test(path);

/** Whether a file of this name is read at all. */
export const isReadName = ({ path }: vscode.Uri): boolean => path.endsWith(".yaml");
