import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { openSwitchboard } from "./extension-host.ts";
import type { Switchboard } from "./extension-host.ts";
import { folderArguments, hostEnvironment, makeHostFolders } from "./host-folders.ts";
import type { HostContent, HostFolders } from "./host-folders.ts";
import { ensureHost } from "./install.ts";
import type { InstalledHost } from "./install.ts";
import { findProcesses, killProcesses, markEnvironment } from "./processes.ts";
import { openProposalsEnvironment } from "./proposals.ts";
import type { VsCodeVersion } from "./versions.ts";

export interface HostOptions extends HostContent {
  /** False: every window starts in Restricted Mode. Default: true. */
  readonly trust?: boolean;
  /** `open` lets every extension use every proposed API, as Copilot may. Default: `closed`, as in a released VS Code. */
  readonly proposals?: "closed" | "open";
  /** For the server, and so for every extension host and terminal. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running VS Code server and all that it keeps on disk. */
export interface Host {
  readonly version: VsCodeVersion;
  readonly proposals: "closed" | "open";
  readonly url: string;
  /** Where it keeps user data, extensions, HOME; gone after `stop()`. */
  readonly folder: string;
  readonly switchboard: Switchboard;
  /** Makes a process one of this host's, whoever starts it. */
  readonly markEnvironment: Readonly<Record<string, string>>;
  /** What the server printed so far. */
  output(): string;
  /** The ids of its living processes: the server's, every extension host's, every terminal's, the browser's. */
  processes(): readonly number[];
  /** Ends all of them and removes `folder`. `deactivate` does not run: close windows first where that matters. */
  stop(): Promise<void>;
}

/**
 * Ends its whole process group as soon as its stdin closes, so even a test that is killed leaves nothing running: the kernel closes the
 * other end of that pipe for it. A shell starts background jobs with an empty stdin, hence the detour over descriptor 3.
 */
const guard = `exec 3<&0; { cat <&3 >/dev/null; kill -KILL 0; } & "$@" </dev/null 3<&- & wait $!`;

const serverArguments = (installed: InstalledHost, folders: HostFolders, trust: boolean): readonly string[] => [
  installed.entry,
  "--auth=none",
  "--bind-addr=127.0.0.1:0",
  ...folderArguments(folders),
  "--disable-telemetry",
  "--disable-update-check",
  "--disable-getting-started-override",
  // Without it the extension host of a window that vanished lives on for three hours, and keeps its ports.
  ...(installed.version === "1.104" ? [] : ["--reconnection-grace-time=1"]),
  ...(trust ? ["--disable-workspace-trust"] : []),
];

interface Server extends ChildProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Gathers what the server prints; `url` is where it says that it listens. Rejects when it ends before that. */
const readOutput = (server: Server, closed: Promise<unknown>) => {
  let output = "";
  const url = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (address !== undefined) resolve(address);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    closed.then(() => reject(new Error(`The VS Code server did not start:\n${output}`)), reject);
  });
  return { url, output: () => output };
};

/** Starts a server on a free port of 127.0.0.1, with folders of its own; installs that VS Code first if it is not there. */
export const startHost = async (version: VsCodeVersion, options: HostOptions = {}): Promise<Host> => {
  const { trust = true, proposals = "closed", environment = {} } = options;
  const installed = await ensureHost(version);
  const folders = await makeHostFolders(installed, options);
  const switchboard = await openSwitchboard();
  const mark = randomUUID();
  const server = spawn("sh", ["-c", guard, "guard", installed.node, ...serverArguments(installed, folders, trust)], {
    // A group of its own, for the guard to end.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    cwd: folders.root,
    env: {
      ...hostEnvironment(folders),
      ...markEnvironment(mark),
      ...switchboard.environment,
      ...(proposals === "open" ? openProposalsEnvironment : {}),
      ...environment,
    },
  });
  const closed = once(server, "close");
  const { url, output } = readOutput(server, closed);
  const stop = async (): Promise<void> => {
    switchboard.close();
    server.stdin.end();
    await closed;
    // A terminal's shell has left the group.
    killProcesses(findProcesses(mark));
    await rm(folders.root, { recursive: true, force: true });
  };
  const host = { version, proposals, folder: folders.root, switchboard, output, stop };
  const processes = (): readonly number[] => findProcesses(mark);
  try {
    return { ...host, url: await url, markEnvironment: markEnvironment(mark), processes };
  } catch (error) {
    await stop();
    throw error;
  }
};
