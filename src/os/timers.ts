/** Things to be done later, all of which can be called off at once. */

export class Timers {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @returns the way to call this one off */
  after(delayMs: number, act: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** What has not been done by now is not done. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
