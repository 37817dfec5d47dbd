import type { Clock } from "../services.ts";
import type { Holder } from "./holder.ts";
import { openListener } from "./listener.ts";
import type { SocketSpec } from "./reconcile.ts";
import { isTaken, type NewSocket } from "./sockets.ts";

/** A socket that is wanted and not to be had yet. */
export interface WaitingSocket {
  readonly spec: SocketSpec;
  /** Who has the port, where that is not this same file's proxy: somebody has to decide. */
  readonly intruder?: Holder;
}

export interface WaitingSocketsOptions {
  readonly clock: Clock;
  readonly findHolder: (spec: SocketSpec) => Promise<Holder>;
  /** Runs work while nobody else opens or closes sockets. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  /** Puts to work what could be had at last. Runs in turn. */
  readonly onOpen: (socket: NewSocket) => void;
  /** A wait has turned into a problem, or back. */
  readonly onChange: () => void;
}

/** How often a taken port is tried: it is taken over well within two seconds of its release. */
const tryEveryMs = 1000;
/** The same while whoever has it is about to leave. */
const tryPatientlyEveryMs = 250;
/** How often whoever has it is asked who it is; each time is a request in the log of a proxy of ours. */
const askEveryMs = 10_000;
/** Whoever had the port before a window was reloaded is gone after this time. */
const patienceMs = 6000;

interface Wait {
  spec: SocketSpec;
  intruder: Holder | undefined;
  nextAskAt: number;
}

/** The sockets whose ports are taken: tries each until it is to be had, and notices who is in the way. */
export class WaitingSockets {
  readonly #options: WaitingSocketsOptions;
  #waits = new Set<Wait>();
  #patientUntil = -Infinity;
  #cancel: (() => void) | undefined;

  constructor(options: WaitingSocketsOptions) {
    this.#options = options;
  }

  get list(): readonly WaitingSocket[] {
    return [...this.#waits].map(({ spec, intruder }) => ({ spec, ...(intruder === undefined ? {} : { intruder }) }));
  }

  /** For some seconds nobody is asked who has a port: it may be this proxy's own past, which is about to end. */
  bePatient(): void {
    this.#patientUntil = this.#options.clock.monotonic() + patienceMs;
  }

  get isPatient(): boolean {
    return this.#options.clock.monotonic() < this.#patientUntil;
  }

  /** Whether the same host and port is waited for, whichever listener asks. */
  has(spec: SocketSpec): boolean {
    return this.#waitFor(spec) !== undefined;
  }

  /** Waits for these from now on, and for no others. What is known of a port that was waited for before stays known. */
  replace(specs: readonly SocketSpec[]): void {
    this.#cancel?.();
    this.#cancel = undefined;
    // The same object, for whoever has the port may just be being asked who it is.
    this.#waits = new Set(specs.map((spec) => Object.assign(this.#waitFor(spec) ?? { intruder: undefined, nextAskAt: -Infinity }, { spec })));
    this.#schedule();
  }

  #waitFor({ host, port }: SocketSpec): Wait | undefined {
    return [...this.#waits].find(({ spec }) => spec.host === host && spec.port === port);
  }

  #schedule(): void {
    if (this.#waits.size === 0) return;
    this.#cancel ??= this.#options.clock.after(this.isPatient ? tryPatientlyEveryMs : tryEveryMs, () => void this.#tryAll());
  }

  async #tryAll(): Promise<void> {
    const waits = this.#waits;
    for (const wait of waits) {
      // The file may have changed before it was our turn; then others are waited for, by a timer of their own.
      await this.#options.inTurn(async () => (waits === this.#waits ? this.#try(wait) : undefined));
    }
    if (waits !== this.#waits) return;
    this.#cancel = undefined;
    this.#schedule();
  }

  async #try(wait: Wait): Promise<void> {
    try {
      const bound = await openListener(wait.spec, wait.spec.tls);
      this.#waits.delete(wait);
      this.#options.onOpen({ spec: wait.spec, bound });
    } catch (error) {
      // Any other reason passes too, such as an address of a network that is not connected yet.
      if (isTaken(error) && !this.isPatient) void this.#ask(wait);
    }
  }

  /** Not in turn: whoever has the port may take its time to answer, and a save must not wait for that. */
  async #ask(wait: Wait): Promise<void> {
    const { clock, findHolder, onChange } = this.#options;
    if (clock.monotonic() < wait.nextAskAt) return;
    wait.nextAskAt = clock.monotonic() + askEveryMs;
    const holder = await findHolder(wait.spec);
    const intruder = holder.isOurs ? undefined : holder;
    const isNews = intruder?.name !== wait.intruder?.name || intruder?.freePort !== wait.intruder?.freePort;
    wait.intruder = intruder;
    if (isNews && this.#waits.has(wait)) onChange();
  }
}
