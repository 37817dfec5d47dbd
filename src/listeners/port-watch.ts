import type { Clock } from "../services.ts";
import { isFree, type Address } from "./bind.ts";

/** Looks after a port that somebody else has, without taking it. */
export interface PortWatch {
  /** Calls back once, as soon as this address is worth another try; of several that are asked for, only for the last. */
  watch(address: Address): void;
  stop(): void;
}

export interface PortWatchOptions {
  readonly clock: Clock;
  /** Whether the port has come to this same file's proxy in another window: then it may be waited for. */
  readonly isOurs: (address: Address) => Promise<boolean>;
  readonly onWorthIt: () => void;
}

/** Whoever waits for a port has it within two seconds of its release. */
const lookEveryMs = 1000;
/** Whoever has it is asked less often who it is, for to a stranger each time is a request: at the first look, and at every tenth after it. */
const looksForAnAsk = 10;

export const createPortWatch = ({ clock, isOurs, onWorthIt }: PortWatchOptions): PortWatch => {
  let cancel: (() => void) | undefined;
  let watched: Address | undefined;
  const lookAgain = (address: Address, looks: number): void => {
    cancel = clock.after(lookEveryMs, () => void look(address, looks));
  };
  const look = async (address: Address, looks: number): Promise<void> => {
    const isWorthIt = await isFree(address) || (looks % looksForAnAsk === 0 && await isOurs(address));
    // Meanwhile another may be asked for, or none.
    if (watched !== address) return;
    if (isWorthIt) onWorthIt();
    else lookAgain(address, looks + 1);
  };
  const stop = (): void => {
    watched = undefined;
    cancel?.();
  };
  return {
    watch(address) {
      stop();
      watched = address;
      lookAgain(address, 0);
    },
    stop,
  };
};
