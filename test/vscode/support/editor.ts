import { join } from "node:path";
import { createProfile } from "./browser.ts";
import { takeScreenshot } from "./failure.ts";
import { createFolder } from "./folder.ts";
import type { Files, Folder } from "./folder.ts";
import type { Host } from "./host.ts";
import type { Session } from "./session.ts";
import { EditorWindow } from "./window.ts";

/** What a case is handed: a window on a folder, and the means to make more of both. */
export interface Editor extends Pick<EditorWindow, "workbench" | "models"> {
  readonly host: Host;
  readonly folder: Folder;
  readonly window: EditorWindow;
  /** `window.run`, for short. */
  readonly run: EditorWindow["run"];
  /** Another window, on another folder, the same one, or a .code-workspace file. With an `own` profile it knows no state and no secret. */
  openWindow(target: string, profile?: "shared" | "own"): Promise<EditorWindow>;
  /** Another folder beside the first. */
  createFolder(name: string, files?: Files): Promise<Folder>;
  /** `test/vscode/screenshots/<version>/<name>.png`, for a person to look at; gives the path. */
  screenshot(name: string): Promise<string>;
}

/** An Editor and the windows that were opened through it and are not closed, its own first. */
export interface OpenEditor {
  readonly editor: Editor;
  readonly windows: readonly EditorWindow[];
  /** Closes all but its own window; like `close`, throws when an extension host does not end. */
  closeOthers(): Promise<void>;
  close(): Promise<void>;
}

let lastPlace = 0;

/** Opens a window on a new folder that holds `files`. */
export const openEditor = async (session: Session, files: Files): Promise<OpenEditor> => {
  const { host, browser } = session;
  const place = join(host.folder, `workspaces-${++lastPlace}`);
  const windows: EditorWindow[] = [];
  const openWindow: Editor["openWindow"] = async (target, profile = "shared") => {
    const context = profile === "own" ? await createProfile(browser, host) : session.profile;
    const window = await EditorWindow.open(host, context, target);
    windows.push(window);
    return window;
  };
  const folder = await createFolder(join(place, "folder"), files);
  const window = await openWindow(folder.path);
  const editor: Editor = {
    host,
    folder,
    window,
    openWindow,
    workbench: window.workbench,
    models: window.models,
    run: (task, argument) => window.run(task, argument),
    createFolder: (name, more) => createFolder(join(place, name), more),
    screenshot: (name) => takeScreenshot(window.page, `${host.version}/${name}`),
  };
  return {
    editor,
    windows,
    async closeOthers() {
      await Promise.all(windows.splice(1).map((other) => other.close()));
    },
    async close() {
      await Promise.all(windows.splice(0).map((opened) => opened.close()));
    },
  };
};
