import { writeSync } from "node:fs";

/**
 * Leaves this test file out because the machine lacks what it needs, and ends the process.
 * The runner prints the reason, counts the file as skipped and, in CI, as failed. Call it before any suite runs.
 * @param reason what is missing and how to get it: "no python3; install it from https://www.python.org"
 */
export const leaveOut = (reason: string): never => {
  writeSync(1, `left out: ${reason.replaceAll("\n", " ")}\n`);
  return process.exit(0);
};
