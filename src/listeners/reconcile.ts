import type { TlsCredentials } from "./bind.ts";

/** What to do when a port is taken: wait for it, take the first free one above, or refuse the configuration. */
export type IfBusy = "wait" | "next" | "fail";

/** A socket as the configuration asks for it. */
export interface SocketSpec {
  /** Name of the listener that it belongs to. */
  readonly listener: string;
  readonly host: string;
  /** As asked for; 0 = any free one. */
  readonly port: number;
  readonly ifBusy: IfBusy;
  /** Absent = plain HTTP. */
  readonly tls?: TlsCredentials;
}

/** A socket that is open. Its port is another than was asked for where that was 0, or taken. */
export interface BoundSocket {
  readonly spec: SocketSpec;
  readonly bound: { readonly port: number };
}

export interface SocketPlan<Open extends BoundSocket> {
  /** All that there will be, in the order of the configuration. */
  readonly wanted: readonly SocketSpec[];
  /** Stay bound, and serve the new listener from now on. */
  readonly keep: readonly { readonly open: Open; readonly wanted: SocketSpec }[];
  /** To be bound; those with `after` only once these have let go, because they hold the same port in another way. */
  readonly open: readonly { readonly wanted: SocketSpec; readonly after: readonly Open[] }[];
  readonly close: readonly Open[];
}

/**
 * What to do to come from the sockets that are open to those that are wanted. A host and port that is wanted and bound is
 * never bound again, whichever listener it belongs to now: two listeners may swap their ports, and a port that was once
 * found may be written down. What was asked for and bound elsewhere (0, or another because it was taken) stays with its
 * listener.
 */
export const reconcile = <Open extends BoundSocket>(open: readonly Open[], wanted: readonly SocketSpec[]): SocketPlan<Open> => {
  const free = new Set(open);
  const kept = new Map<SocketSpec, Open>();
  const keepWhere = (matches: (socket: Open, spec: SocketSpec) => boolean): void => {
    for (const spec of wanted) {
      const socket = kept.has(spec) ? undefined : [...free].find((candidate) => isSameKind(candidate.spec, spec) && matches(candidate, spec));
      if (socket === undefined) continue;
      free.delete(socket);
      kept.set(spec, socket);
    }
  };
  keepWhere(({ bound }, { port }) => bound.port === port);
  keepWhere(({ spec }, { listener, port }) => spec.listener === listener && spec.port === port);
  const close = [...free];
  return {
    wanted,
    keep: [...kept].map(([spec, socket]) => ({ open: socket, wanted: spec })),
    open: wanted.filter((spec) => !kept.has(spec)).map((spec) => ({ wanted: spec, after: close.filter(({ bound }) => bound.port === spec.port) })),
    close,
  };
};

/** A socket stays where it is, and a plain one cannot become a secure one. */
const isSameKind = (a: SocketSpec, b: SocketSpec): boolean => a.host === b.host && (a.tls === undefined) === (b.tls === undefined);
