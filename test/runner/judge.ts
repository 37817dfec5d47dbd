import type { TestEvent } from "./events.ts";

/** How the process of one test file ended. */
export interface Ending {
  /** The exit code, or the name of the signal that ended it. */
  readonly exit: number | NodeJS.Signals;
  readonly stdout: string;
  readonly events: readonly TestEvent[];
  /** The deadline that it ran into, in seconds. */
  readonly killedAfterSeconds?: number;
  /** It ended, but a process that it started still held its output open. */
  readonly leftProcess: boolean;
}

/** What one test file amounts to. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What is wrong with the file as a whole, each a sentence; a file without one can still have failed cases. */
  readonly faults: readonly string[];
  /** What was not tested and why, each a line. */
  readonly notes: readonly string[];
}

/** A line by which a test file says that this machine lacks what it needs; see `test/support/leave-out.ts`. */
export const leftOutLine = /^left out: (.+)$/gm;

/** Reads the number of uvu's last `  Total:     2` line, or of another of its closing lines. */
const readTotal = (stdout: string, label: string): number | undefined => {
  const found = [...stdout.matchAll(new RegExp(`^  ${label}: +(\\d+)$`, "gm"))].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** The case that had begun and not passed when the process ended. */
const lastBegun = (events: readonly TestEvent[]): string => {
  const last = events.findLast((event) => event.event === "begin" || event.event === "pass");
  return last?.event === "begin" ? `in the case "${last.name}"` : "outside of any case";
};

const faultOf = (event: TestEvent): string | undefined => {
  switch (event.event) {
    case "hook-error":
      return `The hook "${event.name}" threw, so cases did not run: ${event.error}`;
    case "only":
      return `".only" is left in at "${event.name}", so the file's other cases did not run. Remove it.`;
    case "never-run":
      return `The suite "${event.name}" has ${event.cases} case(s) that never ran. Call its .run() at the end of the file.`;
    case "empty":
      return `The suite "${event.name}" ran without a case, which proves nothing. Add one, or see why none was found.`;
    case "leak":
      return `Still open after the last case: ${event.handles.join(", ")}. Close it in the test that opened it.`;
    case "begin":
    case "pass":
    case "skip":
      return undefined;
  }
};

const endingFaults = (ending: Ending, total: number | undefined, isLeftOut: boolean): string[] => {
  const faults: string[] = [];
  if (ending.killedAfterSeconds !== undefined) {
    faults.push(`Killed after ${ending.killedAfterSeconds} s, ${lastBegun(ending.events)}.`);
  } else if (total === undefined && !isLeftOut) {
    faults.push(`Ended with ${ending.exit} before uvu printed its totals, ${lastBegun(ending.events)}.`);
  }
  if (total === 0 && !isLeftOut) faults.push("No case ran. Declare one with test(…) and call .run().");
  if (ending.leftProcess) faults.push("A process that it started outlived it. Stop it in the test that started it.");
  return faults;
};

/** Whether the file passed, case by case and as a whole. Everything that uvu lets pass in silence is a fault here. */
export const judge = (ending: Ending): Verdict => {
  const { stdout, events } = ending;
  const leftOut = [...stdout.matchAll(leftOutLine)].map(([line]) => line);
  const total = readTotal(stdout, "Total");
  const passed = readTotal(stdout, "Passed") ?? events.filter(({ event }) => event === "pass").length;
  // First what a case or suite did; it is often why the process ended as it did.
  const faults = [
    ...events.map(faultOf).filter((fault) => fault !== undefined),
    ...endingFaults(ending, total, leftOut.length > 0),
  ];
  const failedCases = (total ?? passed) - passed;
  if (ending.exit !== 0 && failedCases === 0 && faults.length === 0) faults.push(`Ended with ${ending.exit}.`);
  return {
    passed,
    failed: failedCases === 0 && faults.length > 0 ? 1 : failedCases,
    skipped: (readTotal(stdout, "Skipped") ?? 0) + leftOut.length,
    faults,
    notes: [...leftOut, ...events.flatMap((event) => (event.event === "skip" ? [`skipped: ${event.name}`] : []))],
  };
};
