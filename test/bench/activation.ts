import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFolder } from "../vscode/support/folder.ts";
import { openSession, type Session } from "../vscode/support/session.ts";
import { thisExtension } from "../vscode/support/suite.ts";
import { until } from "../vscode/support/until.ts";
import { EditorWindow } from "../vscode/support/window.ts";

/** What the start of a window pays for an extension: loading its entry and running `activate()`, in ms as VS Code tells it. */
export interface ActivationReport {
  readonly proxy: readonly number[];
  /** An extension that does nothing, in the same windows. */
  readonly empty: readonly number[];
  /** Whether what serves was loaded too, in any of the windows: nothing is to be served there. */
  readonly isServerLoaded: boolean;
}

/** Opens windows one after another, each with an extension host of its own, on a folder without a `.llmproxy.yaml`. */
export const benchActivation = async (windows: number): Promise<ActivationReport> => {
  const place = await mkdtemp(join(tmpdir(), "llm-proxy-activation-"));
  const session = await openSession("1.139", { extensions: [thisExtension, await makeEmptyExtension(join(place, "empty"))] });
  try {
    const seen: Seen[] = [];
    for (let window = 0; window < windows; window += 1) seen.push(await look(session, join(session.host.folder, `folder-${window}`)));
    return { proxy: seen.map(({ proxy }) => proxy), empty: seen.map(({ empty }) => empty), isServerLoaded: seen.some(({ isServerLoaded }) => isServerLoaded) };
  } finally {
    await session.close();
    await rm(place, { recursive: true });
  }
};

const makeEmptyExtension = async (folder: string): Promise<string> => {
  await mkdir(folder);
  const manifest = { name: "empty", publisher: "acme", displayName: "Does nothing", version: "1.0.0", engines: { vscode: "^1.104.0" }, main: "./main.js", activationEvents: ["onStartupFinished"] };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "main.js"), "exports.activate = () => {};");
  return folder;
};

interface Seen {
  readonly proxy: number;
  readonly empty: number;
  readonly isServerLoaded: boolean;
}

const look = async ({ host, profile }: Session, path: string): Promise<Seen> => {
  const folder = await createFolder(path);
  const window = await EditorWindow.open(host, profile, folder.path);
  try {
    await window.run(({ vscode }) => void vscode.commands.executeCommand("workbench.action.showRuntimeExtensions"));
    const [proxy, empty] = [await activationOf(window, "LLM Proxy"), await activationOf(window, "Does nothing")];
    return { proxy, empty, isServerLoaded: await isServerLoaded(window) };
  } finally {
    await window.close();
  }
};

/** As the list of running extensions shows it, in whole milliseconds. */
const activationOf = async ({ page }: EditorWindow, name: string): Promise<number> => {
  const row = page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: name }).first();
  const shown = await until(`No time is shown for ${name}`, () => row.innerText().catch(() => ""), (text) => /Activation: \d+\s*ms/.test(text));
  return Number(/Activation: (\d+)\s*ms/.exec(shown)?.[1]);
};

/** The chunk behind the extension's first start. */
const isServerLoaded = (window: EditorWindow): Promise<boolean> =>
  window.run(({ require }) => Object.keys(require.cache).some((path) => /[\\/]dist[\\/]server\.cjs$/.test(path)));

/** The report as lines for people. */
export const renderActivation = ({ proxy, empty, isServerLoaded: isLoaded }: ActivationReport): string => [
  `activation, ms: LLM Proxy ${spread(proxy)}, an empty extension ${spread(empty)}`,
  `the server's code was ${isLoaded ? "LOADED before anything was served" : "not loaded"}`,
].join("\n");

const spread = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]} (${sorted[0]} to ${sorted.at(-1)}, ${sorted.length} windows)`;
};
