/** Something told to all who listen at the moment. */

export class Broadcast<T> {
  readonly #listeners = new Set<(value: T) => void>();

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  send(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** @returns the way to stop listening */
  readonly subscribe = (listener: (value: T) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}
