import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files by their path in the folder. */
export type Files = Readonly<Record<string, string>>;

/** A folder that a window opens. Everything that happens to it comes from outside of VS Code, as from git or another program. */
export interface Folder {
  readonly path: string;
  read(name: string): Promise<string>;
  /** In place: a reader may see half of it. */
  write(name: string, content: string): Promise<void>;
  /** As git and most tools write: a new file beside it, renamed over it. VS Code's watcher calls that a creation. */
  replace(name: string, content: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export const createFolder = async (path: string, files: Files = {}): Promise<Folder> => {
  const at = (name: string): string => join(path, name);
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), content);
  };
  await mkdir(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) await write(name, content);
  return {
    path,
    write,
    read: (name) => readFile(at(name), "utf8"),
    async replace(name, content) {
      await write(`${name}.new`, content);
      await rename(at(`${name}.new`), at(name));
    },
    remove: (name) => rm(at(name), { recursive: true, force: true }),
  };
};
