import type * as vscode from "vscode";
import type { Clock } from "../../services.ts";
import type { Folders } from "../folders.ts";
import { createDrafts, type Drafts } from "./drafts.ts";

/** Checks files while they are written; where a proxy follows one, it has the word on what was saved. */
export const registerDrafts = (editor: typeof vscode, folders: Folders, clock: Clock): Drafts => {
  const isFollowed = (file: vscode.Uri): boolean => {
    const folder = folders.list().find((other) => other.file.toString() === file.toString());
    return folder !== undefined && folder.proxy.status().state !== "stopped";
  };
  const drafts = createDrafts({ workspace: editor.workspace, clock, isFollowed, check: async (text) => (await import("./check.ts")).check(text) });
  const subscription = folders.onDidChange(() => drafts.refresh());
  return {
    ...drafts,
    dispose() {
      subscription.dispose();
      drafts.dispose();
    },
  };
};
