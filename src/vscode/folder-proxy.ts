import type { Outcome } from "../deployment.ts";
import { isError, type Problem } from "../config/problem.ts";
import type { ProxyStatus } from "../proxy.ts";
import type { Clock, Log } from "../services.ts";

export type FolderState = "stopped" | "starting" | "running" | "waiting" | "error";

/** What status bar, Problems and commands show of one folder. */
export interface FolderStatus {
  readonly name: string;
  readonly state: FolderState;
  /** Of the last read of the file; while `state` is running, what runs may be an older one without them. */
  readonly problems: readonly Problem[];
  /** Whether there is a file that says something. */
  readonly hasFile: boolean;
  /** What runs; absent unless `state` is running. */
  readonly proxy?: ProxyStatus;
}

/** The proxy of one folder, made at its first need: loading it is what costs. */
export interface FolderServer {
  status(): ProxyStatus;
  /** Brings the text that was last read into force; tells it like `Deployment.deploy`. */
  deploy(): Promise<Outcome>;
  /** Lets go of every port at once; settles when nothing is in flight any more, after the configuration's grace, or after `mostMs`. */
  close(mostMs: number): Promise<void>;
}

export interface FolderProxyOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The file as it is now; absent where there is none. Throws the system's error when it cannot be read. */
  readonly read: () => Promise<Uint8Array | undefined>;
  /** @param onChange to be called after each change of its status */
  readonly createServer: (onChange: () => void) => Promise<FolderServer>;
  /** Runs after each change of `status()`. */
  readonly onChange: () => void;
}

/** How long a taken port is tried again: the extension host of a window that is reloaded can outlive its successor's start. */
const takenPortMs = 6000;
const retryMs = 250;

/** Keeps one folder's file in force for as long as it is wanted. */
export class FolderProxy {
  readonly #options: FolderProxyOptions;
  #isWanted = false;
  #state: FolderState = "stopped";
  #problems: readonly Problem[] = [];
  #hasFile = false;
  #server: FolderServer | undefined;
  /** The bytes of the file that has been dealt with, unless dealing with them again may go otherwise. */
  #done: Uint8Array | undefined;
  readonly #closing = new Set<Promise<void>>();
  /** The file is dealt with by one at a time. */
  #turn: Promise<void> = Promise.resolve();
  #retryUntil = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(options: FolderProxyOptions) {
    this.#options = options;
  }

  status(): FolderStatus {
    const { name } = this.#options;
    const proxy = this.#server?.status();
    return {
      name, state: this.#state, problems: this.#problems, hasFile: this.#hasFile,
      ...(proxy?.state === "running" ? { proxy } : {}),
    };
  }

  /** Brings the file into force, now and after each change of it. Settles after the first try. */
  start(): Promise<void> {
    this.#isWanted = true;
    return this.refresh({ again: true });
  }

  /** Lets go of the ports at once; settles when the last answer has ended, or after the file's `shutdown.grace`, or after `mostMs`. */
  async stop(mostMs = Infinity): Promise<void> {
    this.#isWanted = false;
    const server = this.#server;
    this.#server = undefined;
    this.#cancelRetry?.();
    this.#become("stopped", []);
    if (server !== undefined) this.#close(server, mostMs);
    await Promise.all(this.#closing);
  }

  async restart(): Promise<void> {
    // The old proxy's streams end in their own time, as its port is free before the new one asks for it.
    void this.stop();
    await this.start();
  }

  /**
   * Reads the file again and brings into force what is new in it. Does nothing while nobody wants it to.
   * @param again also where the file is as it was: what it refers to has changed
   */
  refresh({ again = false }: { readonly again?: boolean } = {}): Promise<void> {
    this.#retryUntil = this.#options.clock.monotonic() + takenPortMs;
    return this.#try(again);
  }

  #try(again: boolean): Promise<void> {
    this.#cancelRetry?.();
    const turn = this.#turn.then(() => this.#bringUp(again));
    this.#turn = turn.catch((error: unknown) => {
      this.#options.log.error("a folder could not be started", { folder: this.#options.name, error: String(error) });
      this.#become("error", this.#problems);
    });
    return this.#turn;
  }

  async #bringUp(again: boolean): Promise<void> {
    if (again) this.#done = undefined;
    const outcome = this.#isWanted ? await this.#deploy() : undefined;
    if (outcome === undefined) return;
    const { clock } = this.#options;
    if (!isTaken(outcome) || this.#isRunning() || clock.monotonic() >= this.#retryUntil) return this.#take(outcome);
    this.#become("waiting", []);
    this.#cancelRetry = clock.after(retryMs, () => void this.#try(true));
  }

  /** What came of one try; nothing where there is nothing to do or nobody to do it for. */
  async #deploy(): Promise<Outcome | undefined> {
    const source = await this.#options.read().catch((error: Error) => error);
    if (!this.#isWanted) return undefined;
    const isText = source instanceof Uint8Array;
    this.#hasFile = source instanceof Error || (isText && !isBlank(source));
    if (!this.#hasFile && this.#server === undefined) return { kind: source === undefined ? "missing" : "empty" };
    if (isText && this.#done !== undefined && Buffer.compare(source, this.#done) === 0) return undefined;
    if (!this.#isRunning() && this.#state !== "waiting") this.#become("starting", this.#problems);
    const server = this.#server ?? await this.#options.createServer(this.#options.onChange);
    if (!this.#isWanted) return undefined;
    this.#server = server;
    const outcome = await server.deploy();
    if (this.#server !== server) return undefined;
    this.#done = isText && !isTaken(outcome) ? source : undefined;
    return outcome;
  }

  #take(outcome: Outcome): void {
    const { log, name } = this.#options;
    switch (outcome.kind) {
      case "applied": {
        const { generation, listeners } = this.#server?.status() ?? { generation: "", listeners: [] };
        log.info("running", { folder: name, generation, urls: listeners.map(({ url }) => url) });
        return this.#become("running", outcome.problems);
      }
      case "unchanged":
        return this.#become("running", outcome.problems);
      case "rejected": {
        const { range, message } = outcome.problems.find(isError) ?? { range: undefined, message: "" };
        log.warn("configuration rejected", { folder: name, line: range?.start.line, problem: message, problems: outcome.problems.length, stillRunning: this.#isRunning() });
        return this.#become(this.#isRunning() ? "running" : "error", outcome.problems);
      }
      case "held":
        log.info("waiting for consent", { folder: name, stillRunning: this.#isRunning() });
        return this.#become(this.#isRunning() ? "running" : "waiting", outcome.problems);
      case "missing": case "empty":
        if (this.#isRunning()) log.info(`the file is ${outcome.kind}: what ran before runs on`, { folder: name });
        return this.#become(this.#isRunning() ? "running" : "waiting", []);
      case "closed":
        return undefined;
    }
  }

  #isRunning(): boolean {
    return this.#server?.status().state === "running";
  }

  #become(state: FolderState, problems: readonly Problem[]): void {
    this.#state = state;
    this.#problems = problems;
    this.#options.onChange();
  }

  #close(server: FolderServer, mostMs: number): void {
    const closing = server.close(mostMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

const isTaken = (outcome: Outcome): boolean => outcome.kind === "rejected" && outcome.bindError === "EADDRINUSE";

/** A file that says nothing yet is not worth loading a proxy for. */
const isBlank = (source: Uint8Array): boolean => new TextDecoder().decode(source.subarray(0, 4096)).trim() === "";
