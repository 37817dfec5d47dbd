import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { KeptText } from "../services.ts";

/**
 * A file of this user's own, outside of any repository, in which the proxy of one configuration file keeps what outlives it.
 * @see https://specifications.freedesktop.org/basedir-spec (XDG_STATE_HOME)
 */
export const createStateFile = (instance: string, env: Readonly<Record<string, string | undefined>>): KeptText => {
  const path = join(stateFolder(env), "llm-proxy", `${instance}.json`);
  return {
    read: () => readFile(path, "utf8").catch(() => undefined),
    async write(text) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // In one step: a process that is killed meanwhile leaves the old text or the new one.
      const draft = `${path}.${process.pid}`;
      await writeFile(draft, text, { mode: 0o600 });
      await rename(draft, path);
    },
  };
};

const stateFolder = (env: Readonly<Record<string, string | undefined>>): string => {
  const named = process.platform === "win32" ? env["LOCALAPPDATA"] : env["XDG_STATE_HOME"];
  if (named !== undefined && named !== "") return named;
  return process.platform === "win32" ? join(homedir(), "AppData", "Local") : join(homedir(), ".local", "state");
};
