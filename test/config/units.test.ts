import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseDuration, parseSize } from "../../src/config/units.ts";

const cases = suite("config/units");

cases("reads durations as milliseconds", () => {
  const durations: readonly (readonly [string | number, number])[] = [[0, 0], ["0", 0], ["250ms", 250], ["15s", 15_000], ["5m", 300_000], ["2h", 7_200_000], ["1d", 86_400_000]];
  for (const [written, ms] of durations) assert.is(parseDuration(written), ms, String(written));
});

cases("reads sizes as bytes, in powers of 1024", () => {
  const sizes: readonly (readonly [string | number, number])[] = [[1000, 1000], ["2KiB", 2048], ["20MiB", 20_971_520], ["1GiB", 1_073_741_824]];
  for (const [written, bytes] of sizes) assert.is(parseSize(written), bytes, String(written));
});

cases.run();
