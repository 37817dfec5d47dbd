// The whole run: chooses the files by the words on the command line, brings what they need, runs them and sums up.
import { fileURLToPath } from "node:url";
import { generate } from "../../scripts/generate.mjs";
import { setUpTests } from "../../scripts/setup-tests.mjs";
import { stopWithParent } from "../../scripts/stop-with-parent.mjs";
import { killRunning } from "./run-file.ts";
import { closingLine, runTests } from "./run-tests.ts";
import { findTestFiles, selectTestFiles } from "./test-file.ts";

const isCi = (process.env["CI"] ?? "") !== "" && process.env["CI"] !== "false";
const write = (line) => process.stdout.write(`${line}\n`);

process.on("exit", killRunning);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
stopWithParent();

/** Brings what the files need. A build that fails is a failure of its own; the files that do without are still worth running. */
const setUp = async (files) => {
  try {
    await generate();
    await setUpTests(
      files.flatMap(({ needs }) => needs),
      write,
    );
    return 0;
  } catch (error) {
    write(`FAIL ${error.message}`);
    return 1;
  }
};

/** The chosen files' sums; a mistake in the choice or in a file's own words is one failure. */
const run = async () => {
  try {
    const files = selectTestFiles(findTestFiles(fileURLToPath(new URL("..", import.meta.url))), process.argv.slice(2));
    if (files.length === 0) throw new Error("No test file was found.");
    const broken = await setUp(files);
    const sums = await runTests(files, { write, isCi });
    return { ...sums, failed: sums.failed + broken };
  } catch (error) {
    write(`FAIL ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
};

const began = performance.now();
const sums = await run();
write(`\n${((performance.now() - began) / 1000).toFixed(1)} s\n${closingLine(sums)}`);
process.exitCode = sums.failed === 0 ? 0 : 1;
