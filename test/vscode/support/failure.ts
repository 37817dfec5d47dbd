import { mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

/** What there is to see of a window that a test failed with. */
export interface Sight {
  readonly page: Page;
  hostLog(): Promise<string>;
}

const root = fileURLToPath(new URL("../../..", import.meta.url));
const screenshots = join(root, "test/vscode/screenshots");

/** Saves what a page shows as `test/vscode/screenshots/<name>.png`; gives that path. */
export const takeScreenshot = async (page: Page, name: string): Promise<string> => {
  const path = join(screenshots, `${name.replaceAll(/[^\w./-]+/g, "-")}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path });
  return relative(root, path);
};

/** Of errors just what they say: the stacks are VS Code's own. */
const lastLines = (log: string): string =>
  log
    .trimEnd()
    .split("\n")
    .filter((line) => !/^\s+at /.test(line))
    .slice(-15)
    .join("\n");

/** A window that is gone has nothing to show; then that is said. */
const describeSight = async (sight: Sight, name: string): Promise<string> => {
  const [picture, log] = await Promise.allSettled([takeScreenshot(sight.page, name), sight.hostLog()]);
  return [
    `screenshot: ${picture.status === "fulfilled" ? picture.value : String(picture.reason)}`,
    `log: ${log.status === "fulfilled" ? lastLines(log.value) : String(log.reason)}`,
  ].join("\n");
};

/** The same error, with what its windows showed and logged in its `details`, which uvu prints below the message. */
export const withEvidence = async (
  thrown: unknown,
  sights: readonly Sight[],
  name: string,
): Promise<Error> => {
  const error: Error & { details?: unknown } = thrown instanceof Error ? thrown : new Error(`Thrown: ${String(thrown)}`);
  const evidence = await Promise.all(
    sights.map((sight, index) => describeSight(sight, index === 0 ? name : `${name}-${index + 1}`)),
  );
  const details = typeof error.details === "string" ? [error.details, ...evidence] : evidence;
  return Object.assign(error, { details: details.join("\n") });
};
