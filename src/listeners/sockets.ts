import { BindError, checkCredentials } from "./bind.ts";
import type { Holder } from "./holder.ts";
import { openListener, type App, type Listener } from "./listener.ts";
import type { SocketPlan, SocketSpec } from "./reconcile.ts";

export interface NewSocket {
  readonly spec: SocketSpec;
  readonly bound: Listener;
}

/** A bound socket, with what was asked for and what it serves. */
export interface OpenSocket extends NewSocket {
  readonly app: App;
}

export type Opened =
  /** `waiting`: their ports are taken, and they are to be had later. */
  | { readonly sockets: readonly NewSocket[]; readonly waiting: readonly SocketSpec[] }
  /** `lost`: old sockets that had let go of their ports and could not have them again. */
  | { readonly failed: SocketSpec; readonly error: BindError; readonly holder: Holder | undefined; readonly lost: readonly OpenSocket[] };

/** What is known of whoever has a port that is wanted. */
export interface Neighbours {
  /** Whether a taken port of a listener that would wait is waited for without a question: its holder may leave in a moment, or it is waited for already. */
  readonly isAwaited: (spec: SocketSpec) => boolean;
  readonly find: (spec: SocketSpec) => Promise<Holder>;
}

/**
 * Binds all sockets that a plan asks for, or none: at the first that fails, those already bound are given back. An old
 * socket whose port is wanted in another way (127.0.0.1 -> 0.0.0.0, http -> https) has to let go first; when the new one
 * then fails, it takes its port again, and its connections have noticed nothing.
 */
export const openSockets = async (plan: SocketPlan<OpenSocket>, neighbours: Neighbours): Promise<Opened> => {
  const sockets: NewSocket[] = [];
  const waiting: SocketSpec[] = [];
  const released: OpenSocket[] = [];
  const giveBack = async (): Promise<readonly OpenSocket[]> => {
    await Promise.all(sockets.map(({ bound }) => bound.close(0)));
    return restore(released);
  };
  let current: SocketSpec | undefined;
  let holder: Holder | undefined;
  /** Whether to wait, when somebody else has the port. */
  const mayWait = async (spec: SocketSpec): Promise<boolean> => {
    if (spec.ifBusy === "wait" && neighbours.isAwaited(spec)) return true;
    holder = await neighbours.find(spec);
    return spec.ifBusy === "wait" && holder.isOurs;
  };
  try {
    for (current of plan.keep.map(({ wanted }) => wanted)) if (current.tls !== undefined) checkCredentials(current.tls, current);
    // Those that are in nobody's way come first: as long as they can fail, no port has been given up.
    for (const { wanted, after } of plan.open.toSorted((a, b) => a.after.length - b.after.length)) {
      current = wanted;
      for (const { bound } of after) bound.stopAccepting();
      released.push(...after);
      const bound = await openSocket(wanted, plan).catch(async (error: unknown) => {
        if (isTaken(error) && await mayWait(wanted)) return undefined;
        throw error;
      });
      if (bound === undefined) waiting.push(wanted);
      else sockets.push({ spec: wanted, bound });
    }
    return { sockets, waiting };
  } catch (error) {
    const lost = await giveBack();
    if (!(error instanceof BindError) || current === undefined) throw error;
    return { failed: current, error, holder: isTaken(error) ? holder : undefined, lost };
  }
};

export const isTaken = (error: unknown): error is BindError => error instanceof BindError && error.code === "EADDRINUSE";

const openSocket = async (wanted: SocketSpec, plan: SocketPlan<OpenSocket>): Promise<Listener> => {
  try {
    return await openListener(wanted, wanted.tls);
  } catch (error) {
    if (!isTaken(error) || wanted.ifBusy !== "next") throw error;
    return openNext(wanted, new Set([...plan.keep, ...plan.open].map((entry) => entry.wanted.port)), error);
  }
};

/** How far above a taken port another one is looked for. */
const nextPorts = 100;

/** The first free port above the one that is taken, but none that the file asks for elsewhere. */
const openNext = async (wanted: SocketSpec, asked: ReadonlySet<number>, taken: BindError): Promise<Listener> => {
  for (let port = wanted.port + 1; port <= Math.min(wanted.port + nextPorts, 65_535); port += 1) {
    if (asked.has(port)) continue;
    const bound = await openListener({ host: wanted.host, port }, wanted.tls).catch((error: unknown) => {
      if (error instanceof BindError) return undefined;
      throw error;
    });
    if (bound !== undefined) return bound;
  }
  throw taken;
};

/** Takes again what was let go, and gives those for which somebody else was faster. */
const restore = async (released: readonly OpenSocket[]): Promise<readonly OpenSocket[]> => {
  const restored = await Promise.all(released.map(async (old) => ({ old, isLost: await old.bound.acceptAgain().then(() => false, () => true) })));
  return restored.flatMap(({ old, isLost }) => (isLost ? [old] : []));
};
