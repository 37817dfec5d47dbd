import { unwatchFile, watch, watchFile, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { afterQuiet } from "../quiet.ts";
import type { Clock } from "../services.ts";

export interface FileWatch {
  close(): void;
}

/** Editors and git write a file in several steps; it is read when they are done. */
const quietMs = 200;

/** Calls back once a file may have changed and nothing more happens to it: twenty saves in a row are one. */
export const followFile = (path: string, clock: Clock, onChange: () => void): FileWatch => {
  const quiet = afterQuiet(clock, quietMs, onChange);
  const file = watchPath(path, quiet.touch);
  return {
    close() {
      file.close();
      quiet.stop();
    },
  };
};

/**
 * Calls back when what a path leads to may have changed: written, made, removed, renamed over, or behind a link that now
 * leads elsewhere. Quick through the folder's own events, and sure through a look at the file each second: events miss what
 * lies behind a link, and some file systems send none.
 */
const watchPath = (path: string, onChange: () => void): FileWatch => {
  let folder: FSWatcher | undefined;
  const name = basename(path);
  const watchFolder = (): void => {
    try {
      folder = watch(dirname(path), (_event, changed) => {
        if (changed === null || changed === name) onChange();
      });
      // The folder itself went away: the look at the file goes on, and finds it when it is back.
      folder.on("error", () => folder?.close());
    } catch {
      folder = undefined;
    }
  };
  watchFolder();
  const onLook = (): void => {
    folder?.close();
    watchFolder();
    onChange();
  };
  watchFile(path, { interval: 1000 }, onLook);
  return {
    close() {
      folder?.close();
      unwatchFile(path, onLook);
    },
  };
};
