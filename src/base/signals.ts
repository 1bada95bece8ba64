/** Signals on their way to a running program. */

export interface SignalSource {
  /** Calls back with each signal that is to reach the program; with those that came before anybody listened at once. */
  subscribe(listener: (signal: number) => void): () => void;
}

/** Hands signals to whoever listens, and keeps them while nobody does. */
export class SignalRelay implements SignalSource {
  readonly #listeners = new Set<(signal: number) => void>();
  #kept: number[] = [];

  /** Whether a program is there to get them. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  send(signal: number): void {
    if (!this.isHeard) this.#kept.push(signal);
    for (const listener of this.#listeners) listener(signal);
  }

  subscribe(listener: (signal: number) => void): () => void {
    this.#listeners.add(listener);
    for (const signal of this.#kept.splice(0)) listener(signal);
    return () => void this.#listeners.delete(listener);
  }
}
