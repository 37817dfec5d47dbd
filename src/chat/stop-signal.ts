/** What of an `AbortSignal` is needed inside; every `AbortSignal` is one too. */
export interface StopSignal {
  readonly aborted: boolean;
  /** Why; known once it has aborted. */
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * An `AbortController` and its signal in one, for our own use: Node's is an event target, whose making and listeners cost as
 * much as all policies of a small request together. A host that calls what needs a real one makes it with `abortSignalOf`.
 */
export class StopController implements StopSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners = new Set<() => void>();

  /** The first reason counts; later calls do nothing. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

/** Calls back with the reason when the signal aborts: now, where it has. */
export const whenAborted = (signal: StopSignal, then: (reason: unknown) => void): void => {
  if (signal.aborted) then(signal.reason);
  else signal.addEventListener("abort", () => then(signal.reason));
};

/** The same as an `AbortSignal`, for Node's own functions and packages that ask for one. */
export const abortSignalOf = (signal: StopSignal): AbortSignal => {
  const controller = new AbortController();
  whenAborted(signal, (reason) => controller.abort(reason));
  return controller.signal;
};
