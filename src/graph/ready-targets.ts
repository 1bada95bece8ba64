/** Targets that could be remade now and wait for a slot: those come first that most depends on, by what recipes took before. */

import type { Estimates } from "./estimates.js";
import type { Target } from "./target.js";

interface Ready {
  readonly target: Target;
  readonly remainingMs: number;
}

export class ReadyTargets {
  readonly #estimates: Estimates;
  readonly #behindMs = new Map<Target, number>();
  /** The one that comes next last; of equals the one that came first. */
  readonly #ready: Ready[] = [];

  constructor(estimates: Estimates) {
    this.#estimates = estimates;
  }

  /** `remainingMs` of the next one; undefined: none waits. */
  get nextMs(): number | undefined {
    return this.#ready.at(-1)?.remainingMs;
  }

  /** From the beginning of its recipe to the end of all, along the way on which it was come upon; in milliseconds. */
  remainingMs(target: Target): number {
    return this.#estimates.msOf(target.name) + this.behindMs(target);
  }

  /** The same from the end of its recipe. */
  behindMs(target: Target): number {
    const chain: Target[] = [];
    for (let each: Target | undefined = target; each !== undefined && !this.#behindMs.has(each); each = each.wantedBy) {
      this.#behindMs.set(each, 0);
      chain.push(each);
    }
    for (const each of chain.reverse()) {
      const { wantedBy } = each;
      const ms = wantedBy === undefined ? this.#estimates.behindMs : this.#remainingOfKnown(wantedBy);
      this.#behindMs.set(each, ms);
    }
    return this.#behindMs.get(target) ?? 0;
  }

  /** Whether one that waits comes before this one. */
  precedes(target: Target): boolean {
    const next = this.#ready.at(-1);
    return next !== undefined && next.remainingMs >= this.remainingMs(target);
  }

  add(target: Target): void {
    const remainingMs = this.remainingMs(target);
    let [low, high] = [0, this.#ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ready[middle]?.remainingMs ?? 0) < remainingMs) low = middle + 1;
      else high = middle;
    }
    this.#ready.splice(low, 0, { target, remainingMs });
  }

  /** The next one that still waits. */
  take(): Target | undefined {
    for (;;) {
      const target = this.#ready.pop()?.target;
      // What another's recipe makes beside its own need not wait any more.
      if (target === undefined || target.state === "waiting") return target;
    }
  }

  #remainingOfKnown(target: Target): number {
    return this.#estimates.msOf(target.name) + (this.#behindMs.get(target) ?? 0);
  }
}
