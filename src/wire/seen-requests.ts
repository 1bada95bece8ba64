/** Requests that were dealt with, so that none is dealt with twice; bounded, whoever sends them. */

/** Forgets after a time, and the oldest first when there are too many. */
export class SeenRequests {
  readonly #until = new Map<string, number>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(id: string, nowMs: number): boolean {
    const untilMs = this.#until.get(id);
    return untilMs !== undefined && untilMs > nowMs;
  }

  /** Remembers it until then. */
  add(id: string, times: { readonly nowMs: number; readonly untilMs: number }): void {
    this.#until.delete(id); // so that it stands last
    for (const [oldest, untilMs] of this.#until) {
      if (untilMs > times.nowMs && this.#until.size < this.#capacity) break;
      this.#until.delete(oldest);
    }
    this.#until.set(id, times.untilMs);
  }
}
