import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** One byte more than any configuration may have: the rest of a larger file is of no interest. */
const mostBytes = 1024 * 1024 + 1;

/**
 * The bytes of a plain file, or nothing where there is none. Throws the system's error for a file that cannot be read,
 * EISDIR for a folder and `ENOTSUP` for a socket, pipe or device, which might never end.
 */
export const readPlainFile = async (path: string): Promise<Uint8Array | undefined> => {
  // Non-blocking, so that a pipe without a writer is told from a file before anybody waits for it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(ignoreMissing);
  if (file === undefined) return undefined;
  try {
    const status = await file.stat();
    if (status.isDirectory()) throw systemError("EISDIR");
    if (!status.isFile()) throw systemError("ENOTSUP");
    const bytes = Buffer.alloc(Math.min(status.size + 1, mostBytes));
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } finally {
    await file.close();
  }
};

const ignoreMissing = (error: NodeJS.ErrnoException): FileHandle | undefined => {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  // What opening a socket's path says.
  throw error.code === "ENXIO" ? systemError("ENOTSUP") : error;
};

const systemError = (code: string): Error => Object.assign(new Error(code), { code });
