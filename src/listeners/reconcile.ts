/** A socket as the configuration asks for it. */
export interface SocketSpec {
  /** Name of the listener that it belongs to. */
  readonly listener: string;
  readonly host: string;
  /** As asked for; 0 = any free one. */
  readonly port: number;
}

export interface SocketPlan<Open extends SocketSpec> {
  /** All that there will be, in the order of the configuration. */
  readonly wanted: readonly SocketSpec[];
  /** Stay bound, and serve the new listener from now on. */
  readonly keep: readonly { readonly open: Open; readonly wanted: SocketSpec }[];
  /** To be bound; those with `after` only once these have let go, because they hold the same port at another address. */
  readonly open: readonly { readonly wanted: SocketSpec; readonly after: readonly Open[] }[];
  readonly close: readonly Open[];
}

/**
 * What to do to come from the sockets that are open to those that are wanted. A host and port that is wanted again is
 * never bound again, whichever listener it belongs to now: two listeners may swap their ports. Any free port (0) is kept
 * by its listener, comparing what was asked for and not what was bound.
 */
export const reconcile = <Open extends SocketSpec>(open: readonly Open[], wanted: readonly SocketSpec[]): SocketPlan<Open> => {
  const free = new Map<string, Open[]>();
  for (const socket of open) free.set(keyOf(socket), [...free.get(keyOf(socket)) ?? [], socket]);
  const keep: { open: Open; wanted: SocketSpec }[] = [];
  const missing: SocketSpec[] = [];
  for (const spec of wanted) {
    const kept = free.get(keyOf(spec))?.shift();
    if (kept === undefined) missing.push(spec);
    else keep.push({ open: kept, wanted: spec });
  }
  const close = [...free.values()].flat();
  return {
    wanted,
    keep,
    open: missing.map((spec) => ({ wanted: spec, after: close.filter((closing) => spec.port !== 0 && closing.port === spec.port) })),
    close,
  };
};

const keyOf = ({ listener, host, port }: SocketSpec): string => (port === 0 ? `${listener} ${host} any` : `${host} ${port}`);
