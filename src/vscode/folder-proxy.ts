import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "../deployment.ts";
import { isError, type Problem } from "../config/problem.ts";
import type { ProxyStatus } from "../proxy.ts";
import type { Clock, Log } from "../services.ts";

export type FolderState = "stopped" | "starting" | "running" | "waiting" | "error";

/** What status bar, Problems and commands show of one folder. */
export interface FolderStatus {
  readonly name: string;
  readonly state: FolderState;
  /** Of the last read of the file, or of the ports that it asks for. The same list until there is another. */
  readonly problems: readonly Problem[];
  /** The last read of the file was refused; what is in force is an older one, without its problems. */
  readonly isOutdated: boolean;
  /** Whether there is a file that says something. */
  readonly hasFile: boolean;
  /** What there is to come before it runs; absent unless `state` is waiting. */
  readonly waitsFor?: "file" | "consent" | "port";
  /** What is in force, also while all of its ports are still somebody else's. */
  readonly proxy?: ProxyStatus;
}

/** The proxy of one folder, made at its first need: loading it is what costs. */
export interface FolderServer {
  status(): ProxyStatus;
  /** What is wrong with the ports of what is in force. @see Deployment.problems */
  problems(): readonly Problem[];
  /** Brings the text that was last read into force; tells it like `Deployment.deploy`. */
  deploy(): Promise<Outcome>;
  /** Lets go of every port at once; settles when nothing is in flight any more, after the configuration's grace, or after `mostMs`. */
  close(mostMs: number): Promise<void>;
}

/** What a server tells of itself. */
export interface ServerEvents {
  /** After each change of its status. */
  readonly onChange: () => void;
  /** What kept the file from coming into force is out of the way: another `deploy` may do better. */
  readonly onWayFree: () => void;
}

export interface FolderProxyOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The file as it is now; absent where there is none. Throws the system's error when it cannot be read. */
  readonly read: () => Promise<Uint8Array | undefined>;
  readonly createServer: (events: ServerEvents) => Promise<FolderServer>;
  /** The file that is dealt with points to these others, as written; a change of theirs is a reason to `refresh` with `again`. */
  readonly onPointsTo?: (files: readonly string[]) => void;
  /** Runs after each change of `status()`. */
  readonly onChange: () => void;
}

/**
 * How long a taken port is tried again where the file says `ifBusy: fail`: the extension host of a window that is reloaded
 * can outlive its successor's start.
 */
const takenPortMs = 6000;
const retryMs = 250;

/** Keeps one folder's file in force for as long as it is wanted. */
export class FolderProxy {
  readonly #options: FolderProxyOptions;
  #isWanted = false;
  #state: FolderState = "stopped";
  /** Of the file, of its ports, and all of them. */
  #fileProblems: readonly Problem[] = [];
  #portProblems: readonly Problem[] = [];
  #problems: readonly Problem[] = [];
  #isOutdated = false;
  #waitsFor: FolderStatus["waitsFor"];
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
    const proxy = this.#inForce();
    // In force and nowhere to be reached: somebody else has every port.
    const isShut = this.#state === "running" && proxy?.state === "waiting";
    const state = !isShut ? this.#state : this.#portProblems.length > 0 ? "error" : "waiting";
    const waitsFor = isShut ? "port" : this.#waitsFor;
    return {
      name: this.#options.name, state, problems: this.#problems, isOutdated: this.#isOutdated, hasFile: this.#hasFile,
      ...(state !== "waiting" || waitsFor === undefined ? {} : { waitsFor }),
      ...(proxy === undefined ? {} : { proxy }),
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
      this.#become("error", this.#fileProblems);
    });
    return this.#turn;
  }

  async #bringUp(again: boolean): Promise<void> {
    if (again) this.#done = undefined;
    const outcome = this.#isWanted ? await this.#deploy() : undefined;
    if (outcome === undefined) return;
    const { clock } = this.#options;
    if (!isTaken(outcome) || this.#inForce() !== undefined || clock.monotonic() >= this.#retryUntil) return this.#take(outcome);
    this.#become("waiting", [], { waitsFor: "port" });
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
    if (this.#inForce() === undefined && this.#state !== "waiting") this.#become("starting", this.#fileProblems);
    const server = this.#server ?? await this.#createServer();
    if (!this.#isWanted) return undefined;
    this.#server = server;
    const outcome = await server.deploy();
    if (this.#server !== server) return undefined;
    if ("files" in outcome && outcome.files !== undefined) this.#options.onPointsTo?.(outcome.files);
    this.#done = isText && !isTaken(outcome) ? source : undefined;
    return outcome;
  }

  #createServer(): Promise<FolderServer> {
    return this.#options.createServer({
      onChange: () => this.#serverChanged(),
      onWayFree: () => void this.refresh({ again: true }),
    });
  }

  #take(outcome: Outcome): void {
    const { log, name } = this.#options;
    const inForce = this.#inForce();
    switch (outcome.kind) {
      case "applied": {
        const { state, generation, listeners } = inForce ?? { state: "running", generation: "", listeners: [] };
        log.info(state, { folder: name, generation, urls: listeners.map(({ url }) => url) });
        return this.#become("running", outcome.problems);
      }
      case "unchanged":
        return this.#become("running", outcome.problems);
      case "rejected": {
        const { range, message } = outcome.problems.find(isError) ?? { range: undefined, message: "" };
        log.warn("configuration rejected", { folder: name, line: range?.start.line, problem: message, problems: outcome.problems.length, stillRunning: inForce !== undefined });
        return this.#become(inForce === undefined ? "error" : "running", outcome.problems, { isOutdated: true });
      }
      case "held":
        log.info("waiting for consent", { folder: name, stillRunning: inForce !== undefined });
        return this.#become(inForce === undefined ? "waiting" : "running", outcome.problems, { isOutdated: true, waitsFor: "consent" });
      case "missing": case "empty":
        if (inForce !== undefined) log.info(`the file is ${outcome.kind}: what ran before runs on`, { folder: name });
        return this.#become(inForce === undefined ? "waiting" : "running", [], { waitsFor: "file" });
      case "closed":
        return undefined;
    }
  }

  /** The status of what is in force: it runs, or waits for its ports. */
  #inForce(): ProxyStatus | undefined {
    const status = this.#server?.status();
    return status?.state === "running" || status?.state === "waiting" ? status : undefined;
  }

  #become(state: FolderState, problems: readonly Problem[], { isOutdated = false, waitsFor }: Partial<Pick<FolderStatus, "isOutdated" | "waitsFor">> = {}): void {
    this.#state = state;
    this.#fileProblems = problems;
    this.#isOutdated = isOutdated;
    this.#waitsFor = waitsFor;
    this.#serverChanged();
  }

  #serverChanged(): void {
    const { log, name, onChange } = this.#options;
    // Those of an older file would be shown at lines of a newer one.
    const found = this.#isOutdated ? [] : this.#server?.problems() ?? [];
    const isNews = !isDeepStrictEqual(found, this.#portProblems);
    if (isNews) for (const { message } of found) log.warn("a port is taken", { folder: name, problem: message });
    if (isNews) this.#portProblems = found;
    const problems = [...this.#fileProblems, ...this.#portProblems];
    if (!isDeepStrictEqual(problems, this.#problems)) this.#problems = problems;
    onChange();
  }

  #close(server: FolderServer, mostMs: number): void {
    const closing = server.close(mostMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

const isTaken = (outcome: Outcome): boolean => outcome.kind === "rejected" && outcome.bindError === "EADDRINUSE";

/** A file that says nothing yet is not worth loading a proxy for. */
const isBlank = (source: Uint8Array): boolean => new TextDecoder().decode(source.subarray(0, 4096)).trim() === "";
