import type { Config, RouteConfig } from "./config/types.ts";
import { hostPort } from "./listeners/bind.ts";
import type { SocketSpec } from "./listeners/reconcile.ts";
import type { NewSocket } from "./listeners/sockets.ts";
import type { WaitingSocket } from "./listeners/waiting.ts";
import type { Totals } from "./observability/figures.ts";
import { takenProblem, type ApplyProblem } from "./socket-problem.ts";

/** `waiting`: a configuration is in force, and not one of its ports is to be had yet. */
export type ProxyState = "stopped" | "starting" | "waiting" | "running" | "draining";

/** What the status bar, the log and the command line show; all of them read this one object. */
export interface ProxyStatus {
  readonly state: ProxyState;
  /** Eight hexadecimal digits of the running configuration; empty while there is none. */
  readonly generation: string;
  readonly instance: string;
  readonly version: string;
  /** One for each socket, in the order of the file. */
  readonly listeners: readonly ListenerStatus[];
  readonly routes: readonly RouteStatus[];
  /** Names of the aliases, as a client writes them. */
  readonly models: readonly string[];
  readonly figures: ProxyFigures;
}

export interface ProxyFigures extends Totals {
  /** Connections that are open now, whether or not one of them asks for anything. */
  readonly connections: number;
}

export interface ListenerStatus {
  readonly name: string;
  /** Where clients reach it or, while it waits for its port, will. */
  readonly url: string;
  readonly state: "listening" | "waiting";
  /** The port that the file asks for, where that was taken and `url` has the next free one. */
  readonly insteadOf?: number;
  /** Why it still waits, where somebody has to do something about it. */
  readonly problem?: ApplyProblem;
}

export interface RouteStatus {
  readonly name: string;
  readonly path: string;
  readonly protocols: readonly string[];
  readonly listeners: readonly string[];
  readonly needsKey: boolean;
  /** Names of the aliases that it serves; absent = all. */
  readonly models?: readonly string[];
}

export const routeStatus = ({ name, path, protocols, listeners, auth, models }: RouteConfig): RouteStatus =>
  ({ name, path, protocols, listeners, needsKey: auth.accepts !== "none", ...(models === undefined ? {} : { models }) });

/** Every socket of a configuration, in the order of the file. */
export const listenersStatus = (open: readonly NewSocket[], waiting: readonly WaitingSocket[], config: Config): readonly ListenerStatus[] => {
  const names = config.listeners.map(({ name }) => name);
  const order = (spec: SocketSpec): readonly [number, number] => {
    const index = names.indexOf(spec.listener);
    return [index, config.listeners[index]?.ports.indexOf(spec.port) ?? 0];
  };
  const all = [...open, ...waiting].map((socket) => ({ socket, place: order(socket.spec) }));
  return all
    .toSorted(({ place: a }, { place: b }) => a[0] - b[0] || a[1] - b[1])
    .map(({ socket }) => ("bound" in socket ? openStatus(socket) : waitingStatus(socket, config)));
};

const openStatus = ({ spec: { listener, port }, bound }: NewSocket): ListenerStatus =>
  ({ name: listener, url: bound.url, state: "listening", ...(port === 0 || port === bound.port ? {} : { insteadOf: port }) });

const waitingStatus = ({ spec, intruder }: WaitingSocket, config: Config): ListenerStatus => ({
  name: spec.listener,
  url: `${spec.tls === undefined ? "http" : "https"}://${hostPort(spec.host, spec.port)}`,
  state: "waiting",
  ...(intruder === undefined ? {} : { problem: takenProblem(spec, intruder, config) }),
});
