/** Cancellation as the pure rooms see it; the platform's AbortSignal fits. */

export interface Cancellation {
  readonly aborted: boolean;
  /** Why, once it is aborted; the number of a signal: processes are to be ended by that one. */
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Waits for something that does not reject, or for the cancellation. */
export function orAborted(awaited: Promise<unknown>, cancel: Cancellation): Promise<void> {
  if (cancel.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = (): void => {
      cancel.removeEventListener("abort", stop);
      resolve();
    };
    cancel.addEventListener("abort", stop, { once: true });
    void awaited.then(stop);
  });
}

/** A cancellation that its owner brings about; unlike the platform's it never warns of many listeners. */
export class Canceller implements Cancellation {
  readonly #listeners = new Set<() => void>();
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** Calls every listener once; later calls change nothing. */
  abort(reason?: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.#aborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
