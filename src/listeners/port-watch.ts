import type { Clock } from "../services.ts";
import { isFree, type Address } from "./bind.ts";

/** Waits for a port without taking it. */
export interface PortWatch {
  /** Calls back once, as soon as this address can be had; of several that are asked for, only for the last. */
  watch(address: Address): void;
  stop(): void;
}

/** Whoever waits for a port has it within two seconds of its release. */
const lookEveryMs = 1000;

export const createPortWatch = (clock: Clock, onFree: () => void): PortWatch => {
  let cancel: (() => void) | undefined;
  let watched: Address | undefined;
  const look = async (address: Address): Promise<void> => {
    const canBeHad = await isFree(address);
    // Meanwhile another may be asked for, or none.
    if (watched !== address) return;
    if (canBeHad) onFree();
    else cancel = clock.after(lookEveryMs, () => void look(address));
  };
  const stop = (): void => {
    watched = undefined;
    cancel?.();
  };
  return {
    watch(address) {
      stop();
      watched = address;
      cancel = clock.after(lookEveryMs, () => void look(address));
    },
    stop,
  };
};
