import { createHash } from "node:crypto";
import type { Config, ListenerConfig } from "./config/types.ts";
import type { BindError } from "./listeners/bind.ts";
import type { Listener } from "./listeners/listener.ts";
import { reconcile, type SocketPlan, type SocketSpec } from "./listeners/reconcile.ts";
import { openSockets, type NewSocket, type OpenSocket } from "./listeners/sockets.ts";
import { createCatalog, type Catalog } from "./models/catalog.ts";
import { createHosts, type Hosts } from "./models/registry.ts";
import { createFigures, type Figures, type Totals } from "./observability/figures.ts";
import { createPolicyMemory } from "./policies/registry.ts";
import { compileApp, type CompiledApp } from "./routes/compile.ts";
import type { PolicyMemory, Services } from "./services.ts";

export type ProxyState = "stopped" | "starting" | "running" | "draining";

/** What the status bar, the log and the command line show; all of them read this one object. */
export interface ProxyStatus {
  readonly state: ProxyState;
  /** Eight hexadecimal digits of the running configuration; empty while there is none. */
  readonly generation: string;
  readonly instance: string;
  readonly version: string;
  readonly listeners: readonly { readonly name: string; readonly url: string }[];
  readonly routes: readonly RouteStatus[];
  /** Names of the aliases, as a client writes them. */
  readonly models: readonly string[];
  readonly figures: Totals;
}

export interface RouteStatus {
  readonly name: string;
  readonly path: string;
  readonly protocols: readonly string[];
  readonly listeners: readonly string[];
  readonly needsKey: boolean;
}

/** Why a configuration that reads well could not be put to work; `path` leads to what names it in the file. */
export interface ApplyProblem {
  /** The system's word for it, such as EADDRINUSE. */
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint: string;
}

export type ApplyResult =
  | { readonly result: "applied" | "unchanged" }
  | { readonly result: "rejected"; readonly problems: readonly ApplyProblem[] };

export interface LlmProxyOptions {
  readonly services: Services;
  /** Hosts beside those that a configuration makes for itself: the editor's models, or what stands in for them. */
  readonly hosts: Hosts | ((own: Hosts) => Hosts);
  /** Tells apart the proxies of different files, and not those of one file in two windows. */
  readonly instance: string;
  /** Runs after each change of `status()`. */
  readonly onChange?: () => void;
}

/** Two proxies of one file know each other by this; the path itself is nobody else's business. @param file its absolute path */
export const instanceOf = (file: string): string => createHash("sha256").update(file).digest("hex").slice(0, 16);

interface Generation {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly apps: ReadonlyMap<string, CompiledApp>;
}

/** One configuration file brought to life. */
export class LlmProxy {
  readonly #options: LlmProxyOptions;
  /** Of this proxy's whole life: a reload forgets nothing. */
  readonly #figures: Figures;
  readonly #memory: PolicyMemory;
  #state: ProxyState = "stopped";
  #generation: Generation | undefined;
  #sockets: readonly OpenSocket[] = [];
  /** What a reload dropped and still answers. */
  readonly #draining = new Set<Listener>();
  /** As long as one request of any configuration so far may take in all, in milliseconds. */
  #longestAnswerMs = 0;
  /** Changes happen one after another: two saves must not both bind a port. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LlmProxyOptions) {
    this.#options = options;
    this.#figures = createFigures(options.services.clock, options.services.version);
    this.#memory = createPolicyMemory(options.services.clock);
  }

  /**
   * Brings a configuration into force, whole or not at all: on any problem what ran before runs on. Requests in flight end
   * on the configuration that they began with. Never throws for what a file can be blamed for.
   */
  apply(config: Config): Promise<ApplyResult> {
    return this.#inTurn(async () => {
      if (this.#state === "running" && this.#generation?.config.generation === config.generation) return { result: "unchanged" };
      if (this.#state === "stopped") this.#setState("starting");
      const next = this.#compile(config);
      const plan = reconcile(this.#sockets, socketSpecs(config.listeners));
      const opened = await openSockets(plan);
      if ("failed" in opened) {
        this.#restore(opened.released);
        this.#figures.reloaded("rejected");
        this.#setState(this.#generation === undefined ? "stopped" : "running");
        return { result: "rejected", problems: [bindProblem(opened.failed, opened.error, config)] };
      }
      this.#switch(next, plan, opened.sockets);
      return { result: "applied" };
    });
  }

  status(): ProxyStatus {
    return {
      state: this.#state,
      generation: this.#generation?.config.generation ?? "",
      instance: this.#options.instance,
      version: this.#options.services.version,
      listeners: this.#sockets.map(({ listener, bound }) => ({ name: listener, url: bound.url })),
      routes: this.#generation?.config.routes.map(({ name, path, protocols, listeners, auth }) =>
        ({ name, path, protocols, listeners, needsKey: auth.accepts !== "none" })) ?? [],
      models: this.#generation?.config.models.map(({ name }) => name) ?? [],
      figures: this.#figures.totals(),
    };
  }

  /**
   * Lets go of every port at once, gives what is in flight the configuration's `shutdown.grace` to end, then breaks it off.
   * @param mostMs where there is less time than that, as when a window closes
   */
  close(mostMs = Infinity): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === "stopped") return;
      this.#setState("draining");
      const graceMs = Math.min(this.#generation?.config.shutdown.graceMs ?? 0, mostMs, longestDrainMs);
      const listeners = [...this.#sockets.map(({ bound }) => bound), ...this.#draining];
      await Promise.all(listeners.map((listener) => listener.close(graceMs)));
      this.#sockets = [];
      this.#generation = undefined;
      this.#setState("stopped");
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  #compile(config: Config): Generation {
    const { services, hosts } = this.#options;
    const own = createHosts(services, config);
    const catalog = createCatalog(config.models, { ...own, ...(typeof hosts === "function" ? hosts(own) : hosts) });
    const compile = (listener: ListenerConfig): CompiledApp => compileApp({
      listener,
      routes: config.routes.filter(({ listeners }) => listeners.includes(listener.name)),
      keys: config.keys,
      catalog,
      generation: config.generation,
      createdSeconds: Math.floor(services.clock.now() / 1000),
      health: config.health,
      metrics: config.metrics,
      status: () => ({ ...this.status() }),
      figures: this.#figures,
      memory: this.#memory,
      services,
    });
    return { config, catalog, apps: new Map(config.listeners.map((listener) => [listener.name, compile(listener)])) };
  }

  /** One step from the old configuration to the new: no request sees a mixture. */
  #switch(next: Generation, plan: SocketPlan<OpenSocket>, opened: readonly NewSocket[]): void {
    const listeners = new Map<SocketSpec, Listener>([
      ...plan.keep.map(({ wanted, open }) => [wanted, open.bound] as const),
      ...opened.map((socket) => [socket.wanted, socket.bound] as const),
    ]);
    this.#sockets = plan.wanted.flatMap((wanted) => {
      const [listener, app] = [listeners.get(wanted), next.apps.get(wanted.listener)];
      return listener === undefined || app === undefined ? [] : [{ ...wanted, bound: listener, app }];
    });
    for (const { bound, app } of this.#sockets) bound.switch(app);
    this.#generation = next;
    this.#figures.reloaded("applied");
    this.#figures.configured(next.config.models.map(({ name }) => name));
    for (const { bound } of plan.close) this.#drain(bound);
    this.#longestAnswerMs = Math.max(this.#longestAnswerMs, ...next.config.routes.map(({ timeout }) => timeout.total.ms || longestDrainMs));
    this.#setState("running");
  }

  /** What had let go of its port and was bound again runs on; its old self ends its streams like any other that is gone. */
  #restore(released: ReadonlyMap<OpenSocket, OpenSocket | undefined>): void {
    for (const { bound } of released.keys()) this.#drain(bound);
    this.#sockets = this.#sockets.flatMap((socket) => (released.has(socket) ? released.get(socket) ?? [] : [socket]));
  }

  /** A listener that is gone ends its streams in its own time. */
  #drain(listener: Listener): void {
    this.#draining.add(listener);
    void listener.close(Math.min(this.#longestAnswerMs, longestDrainMs)).finally(() => this.#draining.delete(listener));
  }

  #setState(state: ProxyState): void {
    this.#state = state;
    this.#options.onChange?.();
  }
}

/** Where an answer may take for ever, one day: the longest that Node's timer knows is little more than three weeks. */
const longestDrainMs = 86_400_000;

const socketSpecs = (listeners: readonly ListenerConfig[]): readonly SocketSpec[] =>
  listeners.flatMap(({ name, host, ports }) => ports.map((port) => ({ listener: name, host, port })));

const bindProblem = ({ listener, port }: SocketSpec, error: BindError, config: Config): ApplyProblem => {
  const index = config.listeners.find(({ name }) => name === listener)?.ports.indexOf(port) ?? 0;
  return {
    code: error.code,
    path: ["listeners", listener, error.code === "EADDRINUSE" || error.code === "EACCES" || error.code === "EUNSAFE" ? "ports" : "host", index],
    message: `${error.message}.`,
    hint: bindHints[error.code] ?? "Choose another host or port for this listener.",
  };
};

const bindHints: Readonly<Record<string, string>> = {
  EADDRINUSE: "Stop what listens there, or choose another port for this listener.",
  EACCES: "Choose a port above 1023.",
  EADDRNOTAVAIL: "Use 127.0.0.1, or an address of this machine.",
  EHOSTNAME: "Use 127.0.0.1, or an address or a name of this machine.",
  ENOTFOUND: "Use an address or a name that this machine can look up.",
  EUNSAFE: "Choose a port that browsers do not block, such as 8080.",
};
