import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the tests install for themselves and keep between runs. Not committed; safe to delete. */
export const cacheFolder = fileURLToPath(new URL("../../.cache", import.meta.url));

/** Where a program of that name is on the PATH. */
export const findOnPath = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => (process.platform === "win32" ? [`${name}.exe`] : [name]).map((file) => join(folder, file)))
    .find((path) => existsSync(path));

/** The Python environment that `scripts/setup-tests.mjs` makes from requirements.txt, whether or not it is there. */
export const pythonPath = join(
  cacheFolder,
  "python",
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

/** The Python that has the `openai` package, for suites that say `// runner: needs python`. */
export const findPython = (): string | undefined => (existsSync(pythonPath) ? pythonPath : undefined);

const usualBrowsers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ],
  win32: ["C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"],
};

/** A Chromium or Chrome that Playwright can drive, for suites that say `// runner: needs chromium`. */
export const findChromium = (): string | undefined =>
  ["chromium", "chromium-browser", "google-chrome"].map(findOnPath).find((path) => path !== undefined) ??
  usualBrowsers[process.platform]?.find((path) => existsSync(path));

/** Where `scripts/setup-tests.mjs` unpacks Prometheus, without installing it. */
export const prometheusFolder = join(cacheFolder, "prometheus");

export interface PrometheusTools {
  readonly prometheus: string;
  /** Its linter and query tool. */
  readonly promtool: string;
}

/** Prometheus, unpacked or installed, for suites that say `// runner: needs prometheus`. */
export const findPrometheus = (): PrometheusTools | undefined => {
  const find = (name: string): string | undefined =>
    [join(prometheusFolder, "usr/bin", name)].find((path) => existsSync(path)) ?? findOnPath(name);
  const [prometheus, promtool] = [find("prometheus"), find("promtool")];
  return prometheus === undefined || promtool === undefined ? undefined : { prometheus, promtool };
};
