import type { Path } from "./problem.ts";
import type { Report } from "./report.ts";
import { definitionAt, isA } from "./schema.ts";
import { maxDuration, maxSize, parseDuration, parseSize } from "./units.ts";

/**
 * Reports durations and sizes that are too large, wherever the schema has one: what a pattern of the schema cannot say.
 * @param data valid by the schema
 */
export const checkUnits = (data: unknown, report: Report, path: Path = []): void => {
  if (typeof data === "string" || typeof data === "number") return checkUnit(data, path, report);
  if (typeof data !== "object" || data === null) return;
  const entries = Array.isArray(data) ? data.entries() : Object.entries(data);
  for (const [step, value] of entries) checkUnits(value, report, [...path, step]);
};

const checkUnit = (written: string | number, path: Path, report: Report): void => {
  const definition = definitionAt(path);
  if (definition === undefined) return;
  if (isA("duration", definition) && parseDuration(written) > maxDuration.ms) {
    report.value("error", path, `A duration is at most ${maxDuration.written}.`, `Write ${maxDuration.written}, or a shorter one.`);
  }
  if (isA("size", definition) && parseSize(written) > maxSize.bytes) {
    report.value("error", path, `A size is at most ${maxSize.written}.`, `Write ${maxSize.written}, or a smaller one.`);
  }
};
