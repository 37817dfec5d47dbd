import { runFile } from "./run-file.ts";
import type { FileResult } from "./run-file.ts";
import type { TestFile } from "./test-file.ts";

/** Two, because a third process on a small machine makes all of them slow enough to meet deadlines. */
const filesAtOnce = 2;

/** The sums of a whole run. */
export interface Sums {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How a run reports: `write` gets whole lines; with `isCi`, what was skipped or left out counts as failed. */
export interface RunOptions {
  readonly write: (line: string) => void;
  readonly isCi: boolean;
}

const indent = (lines: string): string => lines.trimEnd().replace(/^/gm, "    ");

const report = (result: FileResult, { write, isCi }: RunOptions): void => {
  const { file, passed, failed, skipped, faults, notes, seconds, output } = result;
  const isBad = failed > 0 || (isCi && skipped > 0);
  const counts = `${passed} passed${failed > 0 ? `, ${failed} failed` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  write(`${isBad ? "FAIL" : "ok  "} ${file.name.padEnd(46)} ${seconds.toFixed(2).padStart(7)} s  ${counts}`);
  for (const note of notes) write(`     ${note}`);
  if (failed > 0) write(indent(output));
  for (const fault of faults) write(`  -> ${fault}`);
};

/** Takes files off the front of `queue` until none is left. */
const work = async (queue: TestFile[], done: (result: FileResult) => void): Promise<void> => {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    done(await runFile(file));
  }
};

const addUp = (results: readonly FileResult[], isCi: boolean): Sums => {
  const sum = (pick: (result: FileResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const skipped = sum((result) => result.skipped);
  const failed = sum((result) => result.failed);
  return { passed: sum((result) => result.passed), failed: isCi ? failed + skipped : failed, skipped };
};

/**
 * Runs the files, each in its own process: first those that share the machine, two at a time, then the serial ones alone.
 * Writes a line for each as it ends, with its seconds, and all the output of one that failed.
 */
export const runTests = async (files: readonly TestFile[], options: RunOptions): Promise<Sums> => {
  const results: FileResult[] = [];
  const done = (result: FileResult): void => {
    results.push(result);
    report(result, options);
  };
  const shared = files.filter(({ isSerial }) => !isSerial);
  await Promise.all(Array.from({ length: filesAtOnce }, () => work(shared, done)));
  await work(
    files.filter(({ isSerial }) => isSerial),
    done,
  );
  return addUp(results, options.isCi);
};

/** The line that closes a run: `12 passed, 0 failed`, and `, 1 skipped` where something was. */
export const closingLine = ({ passed, failed, skipped }: Sums): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
