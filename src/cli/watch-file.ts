import { unwatchFile, watch, watchFile, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

export interface FileWatch {
  close(): void;
}

/**
 * Calls back when what a path leads to may have changed: written, made, removed, renamed over, or behind a link that now
 * leads elsewhere. Quick through the folder's own events, and sure through a look at the file each second: events miss what
 * lies behind a link, and some file systems send none.
 */
export const watchPath = (path: string, onChange: () => void): FileWatch => {
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
