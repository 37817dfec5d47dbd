import { statSync, unwatchFile, watch, watchFile, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { afterQuiet } from "../quiet.ts";
import type { Clock } from "../services.ts";

export interface FileWatch {
  close(): void;
}

/** Editors and git write a file in several steps; it is read when they are done. */
const quietMs = 200;
/** A file that is written without end is followed all the same. */
const mostMs = 1000;

/** Files that are followed; which ones may change as it goes. */
export interface FilesWatch extends FileWatch {
  /** Follows these as well, and no longer what was asked for here before. */
  also(paths: readonly string[]): void;
}

/**
 * Calls back once one of the files may have changed and nothing more happens to any: twenty saves in a row are one. Changes
 * show in the events of the file's folder at once, and for sure in a look at the file each second: events miss what lies
 * behind a link, and some file systems send none.
 */
export const followFile = (path: string, clock: Clock, onChange: () => void): FilesWatch => {
  /** How each file was when its change was last told, so that events and looks do not tell the same one twice. */
  const told = new Map<string, string>();
  const watches = new Map<string, FileWatch>();
  const quiet = afterQuiet(clock, { quietMs, mostMs }, () => {
    for (const each of watches.keys()) told.set(each, lookAt(each));
    onChange();
  });
  const add = (each: string): void => {
    const onLook = (): void => {
      if (told.get(each) !== lookAt(each)) quiet.touch();
    };
    watches.set(each, watchPath(each, quiet.touch, onLook));
  };
  const remove = (each: string): void => {
    watches.get(each)?.close();
    watches.delete(each);
    told.delete(each);
  };
  add(path);
  return {
    also(paths) {
      for (const each of watches.keys()) if (each !== path && !paths.includes(each)) remove(each);
      for (const each of paths) if (!watches.has(each)) add(each);
    },
    close() {
      for (const each of watches.keys()) remove(each);
      quiet.stop();
    },
  };
};

/** What tells one state of what a path leads to from the next. */
const lookAt = (path: string): string => {
  try {
    const { dev, ino, size, mode, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mode, mtimeNs, ctimeNs].join(" ");
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
};

/**
 * Calls `onEvent` when what a path leads to was written, made, removed or renamed over, and `onLook` when a look each second
 * finds it otherwise than before, also where it lies behind a link.
 */
const watchPath = (path: string, onEvent: () => void, onLook: () => void): FileWatch => {
  let folder: FSWatcher | undefined;
  const name = basename(path);
  const watchFolder = (): void => {
    folder?.close();
    try {
      const watcher = watch(dirname(path), (_event, changed) => {
        if (changed === null || changed === name) onEvent();
      });
      // The folder itself went away: the look at the file goes on, and finds it when it is back.
      watcher.on("error", () => watcher.close());
      folder = watcher;
    } catch {
      folder = undefined;
    }
  };
  watchFolder();
  const look = (): void => {
    // The folder may be another one of the same name.
    watchFolder();
    onLook();
  };
  watchFile(path, { interval: 1000 }, look);
  return {
    close() {
      folder?.close();
      unwatchFile(path, look);
    },
  };
};
