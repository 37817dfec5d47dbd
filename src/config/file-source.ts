import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import type { AuthoredConfig } from "./generated/types.ts";
import { readPlainFile } from "./read-file.ts";
import { parseReference } from "./references.ts";
import { isInside } from "./secret-source.ts";

/** Reads files that a configuration points to and that hold no secret of a client or an upstream. */
export interface FileSource {
  read(path: string): Promise<FileText>;
}

/** `missing` is a whole sentence about the file; `hint` says how to put it there. */
export type FileText = { readonly text: string } | { readonly missing: string; readonly hint: string };

/**
 * Reads relative paths from inside a folder, links followed, so that no file of a cloned repository leads to others of the
 * user; an absolute path is the user's own word for where the file is. Never throws, and never waits for a pipe.
 */
export const createFileSource = (folder: string): FileSource => ({
  async read(path) {
    try {
      const target = await realpath(resolve(folder, path));
      if (!isAbsolute(path) && !isInside(await realpath(folder), target)) {
        return { missing: `The file ${path} lies outside the folder.`, hint: "Write its absolute path, or a path below this folder." };
      }
      const bytes = await readPlainFile(target);
      return bytes === undefined ? notThere(path) : { text: new TextDecoder().decode(bytes) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === "ENOENT" || code === "ENOTDIR" ? notThere(path) : { missing: `The file ${path} cannot be read (${code}).`, hint: "Make it a plain file that this user may read." };
    }
  },
});

const notThere = (path: string): FileText => ({ missing: `The file ${path} is not there.`, hint: "Put it there, or write the path of the file that is." });

/** The files that a configuration points to, as written: relative to its folder, or absolute. */
export const filesOf = ({ listeners, keys, upstreams }: AuthoredConfig): readonly string[] => {
  const tls = Object.values(listeners ?? {}).flatMap((listener) => (listener?.tls === undefined ? [] : [listener.tls.certFile, listener.tls.keyFile]));
  const references = [...Object.values(keys ?? {}).map((key) => key?.key), ...Object.values(upstreams ?? {}).map((upstream) => upstream?.apiKey)];
  const secrets = references.flatMap((written) => (written === undefined ? [] : [parseReference(written)])).filter(({ kind }) => kind === "file").map(({ name }) => name);
  return [...new Set([...tls, ...secrets])];
};
