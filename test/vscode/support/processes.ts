import { readFileSync, readdirSync } from "node:fs";

const variable = "LLM_PROXY_TEST_MARK";

/** Put into a process's environment, it is inherited by all that descends from it, in whatever session or group. */
export const markEnvironment = (mark: string): Readonly<Record<string, string>> => ({ [variable]: mark });

const carries = (pid: string, mark: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${variable}=${mark}`);
  } catch {
    return false; // It ended while we looked, or is somebody else's.
  }
};

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** The ids of all living processes that carry the mark. */
export const findProcesses = (mark: string): readonly number[] =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && carries(entry, mark))
    .map(Number);

export const killProcesses = (pids: readonly number[]): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
};
