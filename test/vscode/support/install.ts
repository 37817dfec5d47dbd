import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cacheFolder, findOnPath } from "../../support/tools.ts";
import { runCommand } from "./command.ts";
import { ensureDebianPackages } from "./debian.ts";
import { isAlive } from "./processes.ts";
import { closeProposals } from "./proposals.ts";
import { vscodeVersions } from "./versions.ts";
import type { VsCodeVersion } from "./versions.ts";

/** An installed VS Code: `node` is to run `entry`; `builtinExtensions` is the folder of those that VS Code brings. */
export interface InstalledHost {
  readonly version: VsCodeVersion;
  readonly node: string;
  readonly entry: string;
  readonly builtinExtensions: string;
}

/** Another recipe makes another installation, beside those that other work trees may be using. */
const recipe = ["install.ts", "proposals.ts", "versions.ts"]
  .reduce((hash, file) => hash.update(readFileSync(new URL(file, import.meta.url))), createHash("sha256"))
  .digest("hex")
  .slice(0, 8);

const platformNode = `node-linux-${process.arch}`;

/** No install scripts: they would compile ten modules that need more of Debian, or download from where a mirror does not reach. */
const npmInstall = (folder: string, ...options: readonly string[]): Promise<string> =>
  runCommand("npm", ["install", "--ignore-scripts", "--prefer-offline", "--loglevel=error", ...options], {
    cwd: folder,
    env: { ...process.env, npm_config_audit: "false", npm_config_fund: "false" },
  });

/**
 * The one native module that tests cannot do without: without it there are no log files, and every output channel stays empty.
 * It is two sources against Node's stable ABI, so the compiler alone will do; `npm rebuild` takes twice as long and needs Python and make.
 */
const compileLogger = async (folder: string, vscodeFolder: string): Promise<void> => {
  const module = join(vscodeFolder, "node_modules/@vscode/spdlog");
  const { include_dir: apiHeaders } = createRequire(join(module, "index.js"))("node-addon-api") as {
    include_dir: string;
  };
  const nodeHeaders = join(folder, "node_modules", platformNode, "include/node");
  const headers = [nodeHeaders, apiHeaders, join(module, "deps/spdlog/include")];
  const defines = [
    "NODE_GYP_MODULE_NAME=spdlog",
    "NAPI_DISABLE_CPP_EXCEPTIONS",
    "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
    "FMT_CONSTEVAL=",
  ];
  await mkdir(join(module, "build/Release"), { recursive: true });
  await runCommand("g++", [
    ..."-std=c++17 -O1 -w -fPIC -shared".split(" "),
    ...defines.map((define) => `-D${define}`),
    ...headers.map((path) => `-I${path}`),
    ...["main.cc", "logger.cc"].map((file) => join(module, "src", file)),
    `-o${join(module, "build/Release/spdlog.node")}`,
  ]);
};

/** The older version would download its ripgrep; `findFiles` fails without one. */
const bringRipgrep = async (vscodeFolder: string): Promise<void> => {
  const module = join(vscodeFolder, "node_modules/@vscode/ripgrep");
  const system = findOnPath("rg");
  if (!existsSync(module) || existsSync(join(module, "bin/rg")) || system === undefined) return;
  await mkdir(join(module, "bin"), { recursive: true });
  await copyFile(system, join(module, "bin/rg"));
};

/**
 * Two more native modules are loaded and never needed here: the hash of a password that nobody has, and a watch over a parent process that
 * ../host.ts keeps itself. Empty ones in their place save the compiling, and an error in every log.
 */
const stubUnneeded = async (folder: string, vscodeFolder: string): Promise<void> => {
  const stubs = [
    { file: join(folder, "node_modules/argon2/argon2.js"), source: "module.exports = {};" },
    { file: join(vscodeFolder, "node_modules/native-watchdog/index.js"), source: "exports.start = () => {};" },
    { file: join(vscodeFolder, "node_modules/@vscode/native-watchdog/index.js"), source: "exports.start = () => {};" },
  ];
  for (const { file, source } of stubs) if (existsSync(file)) await writeFile(file, `${source}\n`);
};

const install = async (version: VsCodeVersion, folder: string): Promise<void> => {
  const { codeServer, node } = vscodeVersions[version];
  const vscodeFolder = join(folder, "node_modules/code-server/lib/vscode");
  const dependencies = { "code-server": codeServer, [platformNode]: node };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  await npmInstall(folder);
  await npmInstall(vscodeFolder, "--omit=dev");
  await npmInstall(join(vscodeFolder, "extensions"), "--omit=dev");
  await compileLogger(folder, vscodeFolder);
  await bringRipgrep(vscodeFolder);
  await stubUnneeded(folder, vscodeFolder);
  await closeProposals(vscodeFolder);
};

const dayMs = 24 * 60 * 60 * 1000;

/** Whether nobody needs it any more: the draft of an installer that was interrupted, or made by another recipe and not used for a day. */
const isAbandoned = async (entry: string): Promise<boolean> => {
  const installer = /\.installing-(\d+)$/.exec(entry)?.[1];
  if (installer !== undefined) return !isAlive(Number(installer));
  return Date.now() - (await stat(join(cacheFolder, entry))).mtimeMs > dayMs;
};

const removeAbandoned = async (version: VsCodeVersion): Promise<void> => {
  const entries = (await readdir(cacheFolder)).filter((entry) => entry.startsWith(`vscode-${version}`));
  for (const entry of entries) {
    // The npm of a killed installer may still be writing there; what cannot be removed now waits for the next time.
    if (await isAbandoned(entry)) await rm(join(cacheFolder, entry), { recursive: true, force: true }).catch(() => {});
  }
};

/** Makes it beside its place and moves it there when it is whole, so that an interruption leaves nothing that looks finished. */
const installAt = async (version: VsCodeVersion, folder: string): Promise<void> => {
  const draft = `${folder}.installing-${process.pid}`;
  await install(version, draft);
  await rename(draft, folder).catch(async (error: unknown) => {
    // Another process may have been faster with the same; then its work is as good.
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
};

/** A VS Code in `.cache/vscode-<version>-<recipe>`, installed now if it is not there, else given at once. */
export const ensureHost = async (version: VsCodeVersion): Promise<InstalledHost> => {
  if (process.platform !== "linux") throw new Error("The VS Code test host runs on Linux only.");
  const folder = join(cacheFolder, `vscode-${version}-${recipe}`);
  if (!existsSync(folder)) {
    await mkdir(cacheFolder, { recursive: true });
    await removeAbandoned(version);
    await ensureDebianPackages();
    await installAt(version, folder);
  }
  const now = new Date();
  await utimes(folder, now, now);
  return {
    version,
    node: join(folder, "node_modules", platformNode, "bin/node"),
    entry: join(folder, "node_modules/code-server/out/node/entry.js"),
    builtinExtensions: join(folder, "node_modules/code-server/lib/vscode/extensions"),
  };
};
