import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import type { ExtensionHost, Inside } from "./extension-host.ts";
import { withEvidence } from "./failure.ts";
import type { Host } from "./host.ts";
import { createModels } from "./models.ts";
import type { Models } from "./models.ts";
import { isAlive } from "./processes.ts";
import { until } from "./until.ts";
import { Workbench } from "./workbench.ts";

/** A busy machine takes 30 s; what takes this long will not come any more. */
const openDeadlineMs = 90_000;

/** `log` is what a LogOutputChannel wrote, and VS Code keeps in a file. */
export interface LogName {
  /** `<publisher>.<name>` of the extension that made the channel. */
  readonly extension: string;
  readonly channel: string;
}

/** An open VS Code window with its own extension host. */
export class EditorWindow {
  readonly page: Page;
  readonly workbench: Workbench;
  readonly models: Models;
  readonly #host: Host;
  readonly #target: string;
  #extensionHost: ExtensionHost;
  #isOpen = true;

  private constructor(host: Host, page: Page, target: string, extensionHost: ExtensionHost) {
    this.#host = host;
    this.#target = target;
    this.#extensionHost = extensionHost;
    this.page = page;
    this.workbench = new Workbench(page);
    this.models = createModels((task, argument) => this.run(task, argument));
  }

  /** Opens a folder or a .code-workspace file, and waits until all extensions that start with a window have started. */
  static async open(host: Host, profile: BrowserContext, target: string): Promise<EditorWindow> {
    const page = await profile.newPage();
    const kind = target.endsWith(".code-workspace") ? "workspace" : "folder";
    const [extensionHost] = await Promise.all([
      host.switchboard.next(target, openDeadlineMs),
      page.goto(`${host.url}/?${kind}=${encodeURI(target)}`, { waitUntil: "commit" }),
    ]).catch(async (error: unknown) => {
      const hostLog = (): Promise<string> => Promise.resolve(host.output());
      throw await withEvidence(error, [{ page, hostLog }], `${host.version}/does-not-open-${basename(target)}`);
    });
    const window = new EditorWindow(host, page, target, extensionHost);
    if (kind === "workspace") await window.#findFolders();
    return window;
  }

  /** At times a window of 1.104 starts before it can read its .code-workspace file, and then stays without folders until it is reloaded. */
  async #findFolders(): Promise<void> {
    const { folders } = JSON.parse(await readFile(this.#target, "utf8")) as { folders: readonly object[] };
    const count = (): Promise<number> => this.run(({ vscode }) => vscode.workspace.workspaceFolders?.length ?? 0);
    for (let attempts = 0; attempts < 4 && folders.length > 0 && (await count()) === 0; attempts += 1) await this.reload();
  }

  /** The process id of the extension host; another one after a reload. */
  get pid(): number {
    return this.#extensionHost.pid;
  }

  /** Runs a function where the extensions run; see ExtensionHost.run for what it may see. */
  run<Result, Argument = undefined>(
    task: (inside: Inside, argument: Argument) => Result | PromiseLike<Result>,
    argument?: Argument,
  ): Promise<Result> {
    return this.#extensionHost.run(task, argument);
  }

  /** All that a log channel has written since this extension host started; empty as long as there is no such channel. */
  async log({ extension, channel }: LogName): Promise<string> {
    return readFile(join(await this.#logFolder(), extension, `${channel}.log`), "utf8").catch(() => "");
  }

  /** Waits until a log channel has a line that matches; gives all of its text. */
  logSays(name: LogName, expected: RegExp): Promise<string> {
    return until(
      `${name.channel} did not say ${String(expected)}`,
      () => this.log(name),
      (text) => expected.test(text),
    );
  }

  /** What VS Code itself wrote about this extension host: activations that failed, proposals that were refused. */
  async hostLog(): Promise<string> {
    return readFile(join(await this.#logFolder(), "remoteexthost.log"), "utf8").catch(() => "");
  }

  /** As "Developer: Reload Window": another extension host, the same profile. Gives when extensions have started again. */
  async reload(): Promise<void> {
    const { pid } = this;
    const next = this.#host.switchboard.next(this.#target, openDeadlineMs);
    await this.run(({ vscode }) => void vscode.commands.executeCommand("workbench.action.reloadWindow"));
    this.#extensionHost = await next;
    await this.#ended(pid);
  }

  /** As a person closes it: `deactivate` runs, 5 s at most. Gives when the extension host is gone. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.page.close({ runBeforeUnload: true });
    await this.#ended(this.pid);
  }

  /** As when the machine of its user crashes: nobody tells the extension host. It ends a second later, in 1.104 only with the server. */
  async vanish(): Promise<void> {
    this.#isOpen = false;
    await this.page.close();
    if (this.#host.version !== "1.104") await this.#ended(this.pid);
  }

  #ended(pid: number): Promise<boolean> {
    return until(`The extension host ${pid} did not end`, () => isAlive(pid), (alive) => !alive);
  }

  async #logFolder(): Promise<string> {
    return dirname(await this.run(({ context }) => context.logUri.fsPath));
  }
}
