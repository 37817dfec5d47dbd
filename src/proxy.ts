import { createHash } from "node:crypto";
import { hostCovers } from "./config/hosts.ts";
import type { Problem } from "./config/problem.ts";
import type { Config, ListenerConfig } from "./config/types.ts";
import { draining, listenerRemoved } from "./errors.ts";
import { reconcile, type IfBusy, type SocketPlan, type SocketSpec } from "./listeners/reconcile.ts";
import { findHolder, isHeldByUs, type Holder } from "./listeners/holder.ts";
import { createPortWatch, type PortWatch } from "./listeners/port-watch.ts";
import { LeavingSockets } from "./listeners/leaving.ts";
import type { App } from "./listeners/listener.ts";
import { isTaken, openSockets, type NewSocket, type OpenSocket, type Opened } from "./listeners/sockets.ts";
import { WaitingSockets } from "./listeners/waiting.ts";
import { createCatalog, type Catalog } from "./models/catalog.ts";
import { createHosts, type Hosts } from "./models/registry.ts";
import { createFigures, type Figures } from "./observability/figures.ts";
import { atLevel } from "./observability/log.ts";
import type { LeavingOptions } from "./policies/leaving.ts";
import { createBalanceKeeper, type BalanceKeeper, type Tables } from "./limits/balances.ts";
import { limitsOf } from "./policies/rate-limit.ts";
import { createPolicyMemory } from "./policies/registry.ts";
import { compileApp, type CompiledApp } from "./routes/compile.ts";
import { plainAddress } from "./routes/node-exchange.ts";
import { reportOf, type ProxyReport } from "./proxy-report.ts";
import { listenersStatus, routeStatus, type ProxyState, type ProxyStatus } from "./proxy-status.ts";
import type { KeptText, PolicyMemory, Services } from "./services.ts";
import { socketProblem, takenProblem, type ApplyProblem } from "./socket-problem.ts";

// Whoever drives the proxy knows it by this file.
export type { ProxyReport } from "./proxy-report.ts";
export type { ListenerStatus, ProxyState, ProxyStatus, RouteStatus } from "./proxy-status.ts";

export type ApplyResult =
  | { readonly result: "applied" | "unchanged" }
  | { readonly result: "rejected"; readonly problems: readonly ApplyProblem[] };

export interface LlmProxyOptions {
  readonly services: Services;
  /** Hosts beside those that a configuration makes for itself: the editor's models, or what stands in for them. */
  readonly hosts: Hosts | ((own: Hosts) => Hosts);
  /** Tells apart the proxies of different files, and not those of one file in two windows. */
  readonly instance: string;
  /** Where balances of a day outlive the process; absent = they end with it. */
  readonly balances?: KeptText;
  /** What a taken port means where the file does not say. Default: fail. */
  readonly ifBusy?: IfBusy;
  /** What is wrong with the file that the configurations come from, for the report. Default: nothing. */
  readonly problems?: () => readonly Problem[];
  /** Runs after each change of `status()`. */
  readonly onChange?: () => void;
  /** A configuration was refused because a stranger had a port that it would wait for, and now he has it no more. */
  readonly onPortFree?: () => void;
}

/** Two proxies of one file know each other by this; the path itself is nobody else's business. @param file its absolute path */
export const instanceOf = (file: string): string => createHash("sha256").update(file).digest("hex").slice(0, 16);

interface Generation {
  readonly config: Config;
  readonly hosts: Hosts;
  readonly catalog: Catalog;
  readonly apps: ReadonlyMap<string, CompiledApp>;
}

/** One configuration file brought to life. */
export class LlmProxy {
  readonly #options: LlmProxyOptions;
  /** Of this proxy's whole life: a reload forgets nothing. */
  readonly #figures: Figures;
  readonly #memory: PolicyMemory;
  readonly #keeper: BalanceKeeper | undefined;
  #state: Exclude<ProxyState, "waiting"> = "stopped";
  #generation: Generation | undefined;
  #sockets: readonly OpenSocket[] = [];
  readonly #waiting: WaitingSockets;
  readonly #leaving: LeavingSockets;
  readonly #portWatch: PortWatch;
  /** As long as one request of any configuration so far may take in all, in milliseconds. */
  #longestAnswerMs = 0;
  /** Changes happen one after another: two saves must not both bind a port. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LlmProxyOptions) {
    this.#options = options;
    this.#figures = createFigures(options.services.clock, options.services.version);
    const tables: Tables = new Map();
    this.#memory = createPolicyMemory(options.services.clock, tables);
    if (options.balances !== undefined) this.#keeper = createBalanceKeeper(tables, options.balances, options.services);
    this.#waiting = new WaitingSockets({
      clock: options.services.clock,
      findHolder: (spec) => this.#findHolder(spec, this.#generation?.config),
      inTurn: (work) => this.#inTurn(work),
      onOpen: (socket) => this.#takeOver(socket),
      onChange: () => this.#changed(),
    });
    this.#leaving = new LeavingSockets({
      current: () => this.#sockets,
      covers: (host, address) => hostCovers(host, plainAddress(address)),
    });
    this.#portWatch = createPortWatch({
      clock: options.services.clock,
      isOurs: (address) => isHeldByUs(address, options.instance, this.#generation?.config.health.path ?? defaultHealthPath),
      onWorthIt: () => options.onPortFree?.(),
    });
  }

  /**
   * Brings a configuration into force, whole or not at all: on any problem what ran before runs on. Requests in flight end
   * on the configuration that they began with. Never throws for what a file can be blamed for.
   */
  apply(config: Config): Promise<ApplyResult> {
    return this.#inTurn(async () => {
      this.#portWatch.stop();
      if (this.#generation?.config.generation === config.generation) {
        this.#figures.reloaded("unchanged");
        return { result: "unchanged" };
      }
      if (this.#state === "stopped") this.#start();
      try {
        await this.#keeper?.start();
        const next = this.#compile(config);
        const plan = reconcile(this.#sockets, socketSpecs(config.listeners, this.#options.ifBusy ?? "fail"));
        const opened = await openSockets(plan, { isAwaited: (spec) => (this.#state === "starting" && this.#waiting.isPatient) || this.#waiting.has(spec), find: (spec) => this.#findHolder(spec, config) });
        if ("failed" in opened) return { result: "rejected", problems: [this.#reject(opened, config)] };
        this.#switch(next, plan, opened);
        return { result: "applied" };
      } finally {
        this.#setState(this.#generation === undefined ? "stopped" : "running");
      }
    });
  }

  status(): ProxyStatus {
    const { config } = this.#generation ?? {};
    const waiting = this.#waiting.list;
    return {
      ...this.#health(),
      listeners: config === undefined || this.#state === "draining" ? [] : listenersStatus(this.#sockets, waiting, config),
      routes: config?.routes.map(routeStatus) ?? [],
      models: config?.models.map(({ name }) => name) ?? [],
      figures: { ...this.#figures.totals(), connections: this.#sockets.reduce((sum, { bound }) => sum + bound.connectionCount, this.#leaving.connectionCount) },
    };
  }

  /** What is known at once, and everybody may know. */
  #health(): Pick<ProxyStatus, "state" | "generation" | "instance" | "version"> {
    const isWaiting = this.#state === "running" && this.#sockets.length === 0 && this.#waiting.list.length > 0;
    return {
      state: isWaiting ? "waiting" : this.#state,
      generation: this.#generation?.config.generation ?? "",
      instance: this.#options.instance,
      version: this.#options.services.version,
    };
  }

  /** All of `status()`, and what takes a moment to find out. Calls no model. */
  report(): Promise<ProxyReport> {
    return reportOf({ status: this.status(), running: this.#generation, memory: this.#memory, problems: this.#options.problems?.() ?? [], clock: this.#options.services.clock });
  }

  /** For whoever read a file that means no configuration: it counts as one that was rejected. */
  refused(): void {
    this.#figures.reloaded("rejected");
  }

  /** A name under which a route answers here, for whoever wants to try it; absent where nobody can. */
  async answeringModel(routeName: string): Promise<string | undefined> {
    const { config, catalog } = this.#generation ?? {};
    const models = config?.routes.find(({ name }) => name === routeName)?.models;
    for (const { name } of config?.models.filter((alias) => models?.includes(alias.name) ?? true) ?? []) {
      const asked = name.replace("*", "any-name");
      const entry = await catalog?.entry(asked, { models });
      if (entry?.vendor !== undefined) return asked;
    }
    return undefined;
  }

  /**
   * Lets go of every port at once, gives what is in flight the time that the file says under `shutdown.grace`, `mostMs` at
   * most, then breaks it off. A second call may shorten the first.
   */
  close(mostMs = Infinity): Promise<void> {
    if (this.#state === "draining") return this.#end(mostMs);
    return this.#inTurn(async () => {
      this.#portWatch.stop();
      if (this.#state === "stopped") return;
      this.#waiting.replace([]);
      this.#setState("draining");
      const ended = this.#end(mostMs);
      // Now and once more: who ends us may not wait until the last answer has been counted.
      await this.#keeper?.stop();
      await ended;
      await this.#keeper?.stop();
      this.#sockets = [];
      this.#generation = undefined;
      this.#setState("stopped");
    });
  }

  async #end(mostMs: number): Promise<void> {
    const generation = this.#generation;
    if (generation === undefined) return;
    const { shutdown: { graceMs }, health } = generation.config;
    // Health tells that it is ending.
    const refusal: LeavingOptions["refusal"] = ({ path }) => (path === health.path ? undefined : draining());
    this.#sockets = this.#sockets.map((socket) => serving(socket, this.#refusing(socket, generation, refusal)));
    const ends = [...this.#sockets.map(({ bound }) => bound), this.#leaving].map((open) => open.close(Math.min(mostMs, graceMs)));
    await Promise.all(ends);
  }

  #start(): void {
    this.#waiting.bePatient();
    this.#setState("starting");
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  #compile(config: Config): Generation {
    const { services, hosts } = this.#options;
    const own = createHosts(services, config);
    const all = { ...own, ...(typeof hosts === "function" ? hosts(own) : hosts) };
    const catalog = createCatalog(config.models, all);
    const apps = config.listeners.map((listener) => [listener.name, this.#compileApp(listener, config, catalog)] as const);
    return { config, hosts: all, catalog, apps: new Map(apps) };
  }

  #compileApp(listener: ListenerConfig, config: Config, catalog: Catalog, refusal?: LeavingOptions["refusal"]): CompiledApp {
    const { services } = this.#options;
    return compileApp({
      listener: { ...listener, ...(refusal === undefined ? {} : { refusal }) },
      routes: config.routes.filter(({ listeners }) => listeners.includes(listener.name)),
      keys: config.keys,
      catalog,
      generation: config.generation,
      createdSeconds: Math.floor(services.clock.now() / 1000),
      health: config.health,
      metrics: config.metrics,
      logging: config.logging,
      status: () => this.#health(),
      report: () => this.report(),
      figures: this.#figures,
      memory: this.#memory,
      services: { ...services, log: atLevel(services.log, config.logging.level) },
    });
  }

  /** One step from the old configuration to the new: no request sees a mixture. */
  #switch(next: Generation, plan: SocketPlan<OpenSocket>, { sockets, waiting }: Extract<Opened, { waiting: unknown }>): void {
    const old = this.#generation;
    for (const { open: { bound, spec }, wanted: { tls } } of plan.keep) {
      // Not for nothing: sessions that clients would resume end with it.
      if (tls !== undefined && (tls.cert !== spec.tls?.cert || tls.key !== spec.tls.key)) bound.renew(tls);
    }
    const kept = plan.keep.map(({ open, wanted }) => ({ spec: wanted, bound: open.bound }));
    this.#sockets = [...kept, ...sockets].map((socket) => serving(socket, appOf(socket, next)));
    this.#generation = next;
    void this.#memory.limits.resize(limitsOf(next.config));
    this.#figures.reloaded("applied");
    this.#figures.configured(next.config.models, next.config.metrics.enabled);
    this.#waiting.replace(waiting);
    this.#longestAnswerMs = Math.max(this.#longestAnswerMs, ...next.config.routes.map(({ timeout }) => timeout.total.ms || longestDrainMs));
    if (old !== undefined) this.#leave(plan.close, old);
    for (const socket of sockets) this.#announce(socket);
    for (const { listener, port } of waiting) this.#options.services.log.info("waiting for a port", { listener, port });
  }

  /** Sockets that are gone end their streams in their own time. */
  #leave(sockets: readonly OpenSocket[], generation: Generation): void {
    const limitMs = Math.min(this.#longestAnswerMs, longestDrainMs);
    for (const socket of sockets) this.#leaving.add(socket, this.#refusing(socket, generation, listenerRemoved), limitMs);
  }

  #refusing({ spec }: NewSocket, { config, catalog }: Generation, refusal: LeavingOptions["refusal"]): CompiledApp {
    return this.#compileApp(listenerNamed(spec.listener, config), config, catalog, refusal);
  }

  #reject({ failed, error, holder, lost }: Extract<Opened, { failed: unknown }>, config: Config): ApplyProblem {
    this.#figures.reloaded("rejected");
    if (failed.ifBusy === "wait" && isTaken(error)) this.#portWatch.watch(failed);
    // What could not be had again is waited for: the file in force asks for it.
    if (lost.length > 0) this.#waiting.replace([...this.#waiting.list, ...lost].map(({ spec }) => spec));
    this.#sockets = this.#sockets.filter((socket) => !lost.includes(socket));
    if (this.#generation !== undefined) this.#leave(lost, this.#generation);
    return holder === undefined ? socketProblem(failed, error, config) : takenProblem(failed, holder, config);
  }

  /** Where the holder is this same file's proxy, it most likely answers under the same path. */
  #findHolder(spec: SocketSpec, config: Config | undefined): Promise<Holder> {
    return findHolder(spec, this.#options.instance, config?.health.path ?? defaultHealthPath);
  }

  #takeOver(socket: NewSocket): void {
    if (this.#generation === undefined) return;
    this.#sockets = [...this.#sockets, serving(socket, appOf(socket, this.#generation))];
    this.#announce(socket);
    this.#changed();
  }

  #announce({ spec: { listener, port }, bound }: NewSocket): void {
    const { log } = this.#options.services;
    if (port !== 0 && bound.port !== port) log.warn("port taken", { listener, port, url: bound.url });
    else log.info("listening", { listener, url: bound.url });
  }

  #setState(state: Exclude<ProxyState, "waiting">): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    this.#options.onChange?.();
  }
}

const defaultHealthPath = "/health";

/** Where an answer may take for ever, one day: the longest that Node's timer knows is little more than three weeks. */
const longestDrainMs = 86_400_000;

const socketSpecs = (listeners: readonly ListenerConfig[], ifBusyHere: IfBusy): readonly SocketSpec[] =>
  listeners.flatMap(({ name, host, ports, ifBusy = ifBusyHere, tls }) =>
    ports.map((port) => ({ listener: name, host, port, ifBusy, ...(tls === undefined ? {} : { tls }) })));

const serving = (socket: NewSocket, app: App): OpenSocket => {
  socket.bound.switch(app);
  return { ...socket, app };
};

const appOf = ({ spec }: NewSocket, { apps }: Generation): CompiledApp => {
  const app = apps.get(spec.listener);
  if (app === undefined) throw new Error(`No listener is named ${spec.listener}.`);
  return app;
};

const listenerNamed = (name: string, { listeners }: Config): ListenerConfig => {
  const listener = listeners.find((candidate) => candidate.name === name);
  if (listener === undefined) throw new Error(`No listener is named ${name}.`);
  return listener;
};
