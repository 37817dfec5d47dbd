import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judge } from "./judge.ts";
import type { Ending } from "./judge.ts";

const totals = (total: number, passed: number, skipped = 0): string =>
  `\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  1.00ms\n\n`;

const ended = (ending: Partial<Ending>): Ending => ({
  exit: 0,
  stdout: totals(2, 2),
  events: [],
  leftProcess: false,
  ...ending,
});

const judging = suite("runner/judge");

judging("passes what uvu counted as passed", () => {
  assert.equal(judge(ended({})), { passed: 2, failed: 0, skipped: 0, faults: [], notes: [] });
});

judging("counts the cases that did not pass, whatever the exit code", () => {
  const { passed, failed } = judge(ended({ stdout: totals(5, 3) }));
  assert.equal({ passed, failed }, { passed: 3, failed: 2 });
});

judging("fails a file in which no case ran", () => {
  assert.equal(judge(ended({ stdout: totals(0, 0) })).faults, [
    "No case ran. Declare one with test(…) and call .run().",
  ]);
  assert.is(judge(ended({ stdout: totals(0, 0) })).failed, 1);
});

judging("believes the last totals, not those that a test printed", () => {
  assert.is(judge(ended({ exit: 1, stdout: totals(9, 9) + totals(2, 1) })).passed, 1);
});

judging("names the case that was running when the deadline came", () => {
  const verdict = judge(
    ended({
      exit: "SIGKILL",
      stdout: "",
      killedAfterSeconds: 60,
      events: [
        { event: "begin", name: "a > first" },
        { event: "pass", name: "a > first" },
        { event: "begin", name: "a > second" },
      ],
    }),
  );
  assert.equal(verdict.faults, ['Killed after 60 s, in the case "a > second".']);
  assert.equal([verdict.passed, verdict.failed], [1, 1]);
});

judging("fails a file that ended badly although every case passed", () => {
  assert.equal(judge(ended({ exit: "SIGSEGV" })).faults, ["Ended with SIGSEGV."]);
  assert.is(judge(ended({ exit: "SIGSEGV" })).failed, 1);
});

judging("lists by name what was skipped, and with its reason what was left out", () => {
  const verdict = judge(
    ended({ stdout: `left out: no python3\n${totals(1, 1, 1)}`, events: [{ event: "skip", name: "a > later" }] }),
  );
  assert.equal(verdict.notes, ["left out: no python3", "skipped: a > later"]);
  assert.is(verdict.skipped, 2);
});

judging.run();
