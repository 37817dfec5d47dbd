import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

/**
 * Which program listens on a TCP port, as `node (process 4711)`. Absent where the system does not tell: on Windows, and for
 * other users' processes. @see proc(5), lsof(8)
 */
export const processOn = async (port: number): Promise<string | undefined> => {
  try {
    if (process.platform === "linux") return await processByProc(port);
    if (process.platform === "darwin") return processByLsof((await promisify(execFile)("/usr/sbin/lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], { timeout: 1000 })).stdout);
  } catch {
    // Whatever kept us from looking: the problem says less, and is told all the same.
  }
  return undefined;
};

/** `p4711` and `cnode`, one field a line. */
export const processByLsof = (output: string): string | undefined => {
  const id = /^p(\d+)$/m.exec(output)?.[1];
  const name = /^c(.+)$/m.exec(output)?.[1];
  return id === undefined || name === undefined ? undefined : `${name} (process ${id})`;
};

const processByProc = async (port: number): Promise<string | undefined> => {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")));
  const sockets = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    // Not its title, which a process may change and Node does.
    if (await holdsOne(id, sockets)) return `${basename(await readlink(`/proc/${id}/exe`))} (process ${id})`;
  }
  return undefined;
};

/** Columns: number, local address and port in hexadecimal, remote ones, state (0A = listening), .., inode as the tenth. */
const listeningInodes = (table: string, port: number): readonly string[] => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").map((line) => line.trim().split(/\s+/)).flatMap(([, local, , state, , , , , , inode]) =>
    (local?.endsWith(suffix) && state === "0A" && inode !== undefined ? [inode] : []));
};

const holdsOne = async (id: string, sockets: ReadonlySet<string>): Promise<boolean> => {
  const folder = `/proc/${id}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  for (const descriptor of descriptors) {
    if (sockets.has(await readlink(`${folder}/${descriptor}`).catch(() => ""))) return true;
  }
  return false;
};
