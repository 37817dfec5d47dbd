import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.ts";
import type { InstalledHost } from "./install.ts";
import { isAlive } from "./processes.ts";

/** What a host brings along besides VS Code itself. */
export interface HostContent {
  /** Folders with a package.json, linked so that a rebuilt bundle is taken at the next window, or .vsix files, installed. Default: none. */
  readonly extensions?: readonly string[];
  /** Folders of VS Code's own extensions to load besides the few that every host has: `git`, `copilot`. Default: none. */
  readonly builtinExtensions?: readonly string[];
  /** User settings on top of quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings of the machine that the windows are of. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
}

/** All that a host writes is below `root`. */
export interface HostFolders {
  readonly root: string;
  readonly builtinExtensions: string;
  readonly extensions: string;
  readonly home: string;
  readonly temporary: string;
  readonly userData: string;
}

const supportFolder = fileURLToPath(new URL(".", import.meta.url));
const ownExtensions = ["driver-extension", "fixture-extension"].map((name) => join(supportFolder, name));

/** A window needs few of VS Code's own hundred extensions, and starts faster without the rest. Copilot is one of the rest. */
const usualBuiltinExtensions = ["theme-defaults", "json", "yaml"];

const quietSettings = {
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "remote.autoForwardPorts": false,
  // A modal at the start of every restricted window would stand in the way of all else; the banner and the status bar remain.
  "security.workspace.trust.startupPrompt": "never",
  "telemetry.telemetryLevel": "off",
  "window.confirmBeforeClose": "never",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** A window in a browser would ask before it serves anything without a key. */
const machineSettings = { "llmProxy.allowWithoutKey": true };

/** As little of the caller's environment as a program needs to run: a proxy or a token of this machine is none of a test's business. */
export const hostEnvironment = ({ home, temporary }: HostFolders): NodeJS.ProcessEnv => {
  const inherited = ["PATH", "LANG", "LC_ALL", "TZ"].map((name) => [name, process.env[name]]);
  return { ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv), HOME: home, TMPDIR: temporary };
};

export const folderArguments = ({ builtinExtensions, extensions, userData }: HostFolders): readonly string[] => [
  `--user-data-dir=${userData}`,
  `--extensions-dir=${extensions}`,
  `--builtin-extensions-dir=${builtinExtensions}`,
  `--config=${join(userData, "config.yaml")}`,
];

const linkExtension = async (extension: string, folder: string): Promise<void> => {
  const manifest = await readFile(join(extension, "package.json"), "utf8");
  const { publisher, name, version } = JSON.parse(manifest) as Record<"publisher" | "name" | "version", string>;
  await symlink(resolve(extension), join(folder, `${publisher}.${name}-${version}`));
};

const installExtension = (vsix: string, installed: InstalledHost, folders: HostFolders): Promise<string> =>
  runCommand(installed.node, [installed.entry, ...folderArguments(folders), "--install-extension", resolve(vsix)], {
    env: hostEnvironment(folders),
  });

/** Packages first: installing one writes a list of what there is, and without that list VS Code takes every folder that it finds. */
const bringExtensions = async (
  extensions: readonly string[],
  installed: InstalledHost,
  folders: HostFolders,
): Promise<void> => {
  const isPackage = (path: string): boolean => path.endsWith(".vsix");
  for (const vsix of extensions.filter(isPackage)) await installExtension(vsix, installed, folders);
  await rm(join(folders.extensions, "extensions.json"), { force: true });
  const linked = [...ownExtensions, ...extensions.filter((path) => !isPackage(path))];
  await Promise.all(linked.map((extension) => linkExtension(extension, folders.extensions)));
};

const rootPrefix = "llm-proxy-vscode-";

/** What hosts left whose test was killed: their processes are gone, their folders are not. */
const removeLeftovers = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(rootPrefix) ? Number(name.slice(rootPrefix.length).split("-")[0]) : NaN;
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
};

/** New folders for one host, with its extensions and settings in place. */
export const makeHostFolders = async (installed: InstalledHost, content: HostContent): Promise<HostFolders> => {
  await removeLeftovers();
  const root = await realpath(await mkdtemp(join(tmpdir(), `${rootPrefix}${process.pid}-`)));
  const folders: HostFolders = {
    root,
    builtinExtensions: join(root, "builtin"),
    extensions: join(root, "extensions"),
    home: join(root, "home"),
    temporary: join(root, "tmp"),
    userData: join(root, "data"),
  };
  for (const path of Object.values(folders) as string[]) await mkdir(path, { recursive: true });
  for (const name of [...usualBuiltinExtensions, ...(content.builtinExtensions ?? [])])
    await symlink(join(installed.builtinExtensions, name), join(folders.builtinExtensions, name));
  await mkdir(join(folders.userData, "User"));
  const settings = JSON.stringify({ ...quietSettings, ...content.settings }, undefined, 2);
  await writeFile(join(folders.userData, "User/settings.json"), settings);
  await mkdir(join(folders.userData, "Machine"));
  await writeFile(join(folders.userData, "Machine/settings.json"), JSON.stringify({ ...machineSettings, ...content.machineSettings }, undefined, 2));
  await bringExtensions(content.extensions ?? [], installed, folders);
  return folders;
};
