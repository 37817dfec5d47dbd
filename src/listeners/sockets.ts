import { BindError } from "./bind.ts";
import { openListener, type App, type Listener } from "./listener.ts";
import type { SocketPlan, SocketSpec } from "./reconcile.ts";

/** A bound socket, with what was asked for and what it serves. */
export interface OpenSocket extends SocketSpec {
  readonly bound: Listener;
  readonly app: App;
}

export type Opened =
  | { readonly sockets: readonly NewSocket[] }
  | {
    readonly failed: SocketSpec;
    readonly error: BindError;
    /** Sockets that had to let go of their ports, and what was bound again in their stead; undefined = that failed too. */
    readonly released: ReadonlyMap<OpenSocket, OpenSocket | undefined>;
  };

export interface NewSocket {
  readonly wanted: SocketSpec;
  readonly bound: Listener;
}

/**
 * Binds all sockets that a plan asks for, or none: at the first that fails, those already bound are given back. An old
 * socket whose port is wanted at another address (127.0.0.1 -> 0.0.0.0) has to let go first, and is bound again when the
 * new one then fails.
 */
export const openSockets = async (plan: SocketPlan<OpenSocket>): Promise<Opened> => {
  const sockets: NewSocket[] = [];
  const released = new Set<OpenSocket>();
  // Those that are in nobody's way come first: as long as they can fail, no port has been given up.
  for (const { wanted, after } of plan.open.toSorted((a, b) => a.after.length - b.after.length)) {
    for (const old of after) {
      old.bound.stopAccepting();
      released.add(old);
    }
    try {
      sockets.push({ wanted, bound: await openListener(wanted) });
    } catch (error) {
      if (!(error instanceof BindError)) throw error;
      await Promise.all(sockets.map(({ bound }) => bound.close(0)));
      return { failed: wanted, error, released: await restoreAll(released) };
    }
  }
  return { sockets };
};

const restoreAll = async (released: ReadonlySet<OpenSocket>): Promise<ReadonlyMap<OpenSocket, OpenSocket | undefined>> =>
  new Map(await Promise.all([...released].map(async (old) => [old, await restore(old)] as const)));

/** Binds again what was let go; the connections that the old socket still has are its own. */
const restore = async (old: OpenSocket): Promise<OpenSocket | undefined> => {
  try {
    const bound = await openListener({ host: old.host, port: old.port });
    bound.switch(old.app);
    return { ...old, bound };
  } catch {
    // Somebody else was faster. Whoever applies the next configuration finds the socket missing, and binds it.
    return undefined;
  }
};
