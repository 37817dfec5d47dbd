// What the test suites need beyond node_modules. Each step looks first and is done in no time when there is nothing to do.
// A step that cannot be done says why; the suites that need it then leave themselves out, which the runner prints and counts.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, findChromium, findOnPath, findPrometheus, prometheusFolder, pythonPath } from "../test/support/tools.ts";
import { build } from "./build.mjs";
import { isMain } from "./is-main.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program to its end; throws with the last of what it printed when that was not a good one. */
const run = (command, args, options = {}) => {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  if (status === 0) return stdout;
  const last = `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n").slice(-5).join("\n");
  throw new Error(
    `${command} ${args.join(" ")} ${error === undefined ? `ended with ${status}` : error.message}\n${last}`,
  );
};

const isRootOnDebian = () =>
  process.platform === "linux" && process.getuid?.() === 0 && findOnPath("apt-get") !== undefined;

/** Installs Debian packages, which only root can; anybody else is told what to install. */
const installDebian = (packages) => {
  if (!isRootOnDebian()) throw new Error(`install ${packages.join(", ")} with your system's package manager`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-q"], { env });
  run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages], { env });
};

/** Installs the Debian packages whose program is not on the PATH. */
const installMissing = (programs) => {
  const missing = Object.keys(programs).filter((name) => findOnPath(name) === undefined);
  if (missing.length > 0) installDebian([...new Set(missing.flatMap((name) => programs[name]))]);
};

const setUpChromium = () => {
  if (findChromium() === undefined) installDebian(["chromium"]);
};

/** A Python can be there without the modules that make an environment: Debian has them in a package of their own. */
const makePythonEnvironment = (folder) => {
  const python = ["python3", "python"].map(findOnPath).find((path) => path !== undefined);
  try {
    run(python ?? "python3", ["-m", "venv", folder]);
  } catch (error) {
    if (!isRootOnDebian()) throw error;
    installDebian(["python3", "python3-venv"]);
    run("/usr/bin/python3", ["-m", "venv", folder]);
  }
};

/** `.cache/python`: an environment with exactly what test/support/requirements.txt says. */
const setUpPython = () => {
  const folder = join(cacheFolder, "python");
  const wanted = readFileSync(join(root, "test/support/requirements.txt"), "utf8");
  const made = join(folder, "made-from.txt");
  if (existsSync(made) && existsSync(pythonPath) && readFileSync(made, "utf8") === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cacheFolder, { recursive: true });
  try {
    makePythonEnvironment(folder);
    run(pythonPath, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--no-deps",
      "-r",
      "test/support/requirements.txt",
    ]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  writeFileSync(made, wanted);
};

/** `.cache/prometheus`: Debian's package, unpacked and not installed, for its service would start with it. */
const setUpPrometheus = () => {
  if (findPrometheus() !== undefined) return;
  if (findOnPath("apt-get") === undefined || findOnPath("dpkg-deb") === undefined) {
    throw new Error("install prometheus, with promtool, from your system's package manager or https://prometheus.io/download");
  }
  const draft = `${prometheusFolder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    // What is known of packages may be older than the packages; only root can look again.
    if (isRootOnDebian()) run("apt-get", ["update", "-q"]);
    run("apt-get", ["download", "-q", "prometheus"], { cwd: draft });
    const [archive] = globSync("*.deb", { cwd: draft });
    run("dpkg-deb", ["--extract", archive ?? "prometheus.deb", "."], { cwd: draft });
    if (archive !== undefined) rmSync(join(draft, archive));
    // Whole or not at all; somebody may have been faster with the same.
    if (!existsSync(prometheusFolder)) renameSync(draft, prometheusFolder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

/** What the package is made of besides what `npm run build` makes. */
const packaged = ["package.json", "README.md", "CHANGELOG.md", "LICENSE", "icon.png", "llm-proxy.schema.json"];

/** `dist/llm-proxy.vsix`, unless the one that is there was made after all that is in it. */
const makeVsix = () => {
  const changedAt = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);
  const madeAt = changedAt("dist/llm-proxy.vsix");
  if ([...packaged, "dist/made-from"].every((path) => changedAt(path) < madeAt)) return;
  run(process.execPath, ["scripts/package.mjs"]);
};

/** The VS Code hosts that the `*.vscode.test.ts` suites drive, and what it takes to install them. */
const setUpVsCode = () => {
  if (process.platform === "linux") {
    installMissing({ rg: ["ripgrep"], "g++": ["g++"], make: ["make"], python3: ["python3"] });
  }
  const install = "test/vscode/support/install.mjs";
  if (existsSync(join(root, install))) run(process.execPath, [install], { stdio: ["ignore", "inherit", "inherit"] });
};

const steps = {
  dist: () => build({ ifStale: true }),
  vsix: makeVsix,
  python: setUpPython,
  prometheus: setUpPrometheus,
  chromium: setUpChromium,
  vscode: setUpVsCode,
};

/** What comes with another need: a VS Code is given the packaged extension and looked at through a browser. */
const implied = { vscode: ["dist", "vsix", "chromium"] };

/**
 * Brings what is asked for: any of `dist`, `prometheus`, `python`, `chromium`, `vscode`.
 * A failed build or package throws, being this project's own fault; of the others, `write` gets a line that says what is missing and why.
 */
export const setUpTests = async (needs, write) => {
  const all = new Set([...needs].flatMap((need) => [need, ...(implied[need] ?? [])]));
  for (const need of Object.keys(steps).filter((name) => all.has(name))) {
    try {
      await steps[need]();
    } catch (error) {
      if (need === "dist" || need === "vsix") throw error;
      write(`not set up: ${need}: ${error.message}`);
    }
  }
};

if (isMain(import.meta.url)) {
  await setUpTests(Object.keys(steps), (line) => process.stderr.write(`${line}\n`));
}
