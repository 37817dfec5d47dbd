import { fileURLToPath } from "node:url";
import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runFile } from "./run-file.ts";
import type { FileResult } from "./run-file.ts";
import { closingLine, runTests } from "./run-tests.ts";
import { findTestFiles, selectTestFiles } from "./test-file.ts";
import type { TestFile } from "./test-file.ts";

const fixtures = findTestFiles(fileURLToPath(new URL("fixtures", import.meta.url)));

const fixture = (name: string): TestFile => {
  const found = fixtures.find((file) => file.name === name);
  assert.ok(found, `the fixture ${name}`);
  return found;
};

/** What each fixture amounts to: passed, failed, skipped, and what its first fault says. */
const verdicts: Readonly<Record<string, readonly [number, number, number, RegExp?]>> = {
  passes: [2, 0, 0],
  fails: [1, 1, 0],
  imitates: [0, 1, 0],
  skips: [1, 0, 1],
  "left-out": [0, 0, 1],
  "throws-before": [0, 2, 0, /hook "throws before > before" threw.*the server did not start/s],
  "throws-after-each": [0, 1, 0, /hook "throws after each > after\.each" threw.*could not be removed/s],
  empty: [0, 1, 0, /before uvu printed its totals/],
  "no-cases": [0, 1, 0, /"no cases" ran without a case/],
  "some-empty": [1, 1, 0, /"cases from a folder that is empty" ran without a case/],
  "forgets-run": [0, 1, 0, /"forgets run" has 1 case\(s\) that never ran/],
  "forgets-one-run": [1, 1, 0, /"forgotten" has 1 case\(s\) that never ran/],
  "declares-after-run": [1, 1, 0, /"declares after run" has 1 case\(s\) that never ran/],
  "leaves-only": [1, 1, 1, /"\.only" is left in at "leaves only > is looked at"/],
  "leaks-server": [1, 1, 0, /Still open after the last case: .*TCPServerWrap/],
  "leaves-process": [1, 1, 0, /outlived it/],
  "exits-early": [1, 1, 0, /before uvu printed its totals, in the case "exits early > ends the process"/],
  "exits-late": [1, 1, 0, /Ended with 3/],
  rejects: [0, 1, 0, /before uvu printed its totals, in the case "rejects > leaves a rejection to nobody"/],
  hangs: [1, 1, 0, /Killed after 4 s, in the case "hangs > waits for ever"/],
  spins: [0, 1, 0, /Killed after 4 s, in the case "spins > never yields"/],
  "missing-import": [0, 1, 0, /before uvu printed its totals, outside of any case/],
};

/** The result of every fixture, on its way. */
const results = new Map<string, Promise<FileResult>>();

const running = suite("runner");

// Most fixtures wait for a deadline or a grace to end, so a few at once cost little.
running.before(() => {
  const lanes: Promise<unknown>[] = Array.from({ length: 5 }, () => Promise.resolve());
  for (const [index, file] of fixtures.entries()) {
    const result = (lanes[index % lanes.length] ?? Promise.resolve()).then(() => runFile(file));
    results.set(file.name, result);
    lanes[index % lanes.length] = result;
  }
});

for (const [name, [passed, failed, skipped, fault]] of Object.entries(verdicts)) {
  running(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`, async () => {
    const result = await results.get(name);
    assert.ok(result, `the fixture ${name}`);
    assert.equal([result.passed, result.failed, result.skipped], [passed, failed, skipped], result.output);
    if (fault !== undefined) assert.match(result.faults[0] ?? "no fault", fault);
    else assert.equal(result.faults, []);
  });
}

running("has a verdict for every fixture", () => {
  assert.equal(
    fixtures.map(({ name }) => name),
    Object.keys(verdicts).toSorted(),
  );
});

const runFixtures = async (names: readonly string[], isCi: boolean): Promise<{ lines: string[]; closing: string }> => {
  const lines: string[] = [];
  const sums = await runTests(names.map(fixture), { write: (line) => lines.push(line), isCi });
  return { lines, closing: closingLine(sums) };
};

running("sums the files, shows the output of a failing one, and the seconds of each", async () => {
  const { lines, closing } = await runFixtures(["passes", "fails"], false);
  assert.is(closing, "3 passed, 1 failed");
  assert.ok(lines.some((line) => /^ok +passes +\d+\.\d\d s {2}2 passed$/.test(line)));
  assert.ok(lines.some((line) => /^FAIL fails +\d+\.\d\d s {2}1 passed, 1 failed$/.test(line)));
  assert.ok(
    lines.some((line) => line.includes('FAIL  fails  "is wrong"')),
    lines.join("\n"),
  );
});

running("prints what was left out, and fails for it in CI only", async () => {
  const here = await runFixtures(["skips", "left-out"], false);
  assert.is(here.closing, "1 passed, 0 failed, 2 skipped");
  assert.ok(here.lines.includes("     left out: no coffee; install a kettle"));
  assert.ok(here.lines.includes("     skipped: skips > waits for better days"));
  assert.is((await runFixtures(["skips", "left-out"], true)).closing, "1 passed, 2 failed, 2 skipped");
});

running("fails a run whose words name no test file", () => {
  const { status, stdout } = spawnSync(process.execPath, ["test/runner/main.mjs", "runner/judge", "no-such-suite"], {
    encoding: "utf8",
  });
  assert.is(status, 1);
  assert.match(stdout, 'No test file has "no-such-suite" in its path.');
  assert.is(stdout.trimEnd().split("\n").at(-1), "0 passed, 1 failed");
});

running("never mistakes a fixture for a test", () => {
  const names = findTestFiles(fileURLToPath(new URL("..", import.meta.url))).map(({ name }) => name);
  assert.ok(names.includes("runner/runner"));
  assert.not(names.some((name) => name.includes("fixtures")));
});

running("finds files by any part of their path", () => {
  const select = (...words: string[]) => selectTestFiles(fixtures, words).map(({ name }) => name);
  assert.equal(select("left-"), ["left-out"]);
  assert.equal(select("test/leaks-server.test.ts", "spins"), ["leaks-server", "spins"]);
  assert.is(select().length, fixtures.length);
});

running.run();
