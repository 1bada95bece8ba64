/** Whose turn it is among targets that are ready to be remade: the makefile's order, or that of what the session waits for longest. */

import type { JobOrder } from "./estimates.js";
import { ReadyTargets } from "./ready-targets.js";
import type { Target } from "./target.js";

/** At once, whoever else waits; when there is room, before anything else is considered; behind others. */
export type Turn = "now" | "next" | "later";

/** How much of the session is left when a target's recipe begins, and when it ends, in milliseconds; 0 where nobody knows. */
export interface Remaining {
  readonly fromBegin: number;
  readonly fromEnd: number;
}

export class Turns {
  readonly #order: JobOrder | undefined;
  /** undefined: the order is the makefile's. */
  readonly #ready: ReadyTargets | undefined;
  /** Whose turn it is among the ready ones. */
  #chosen: Target | undefined = undefined;

  /** @param order - undefined: jobs are begun in the order of the makefile */
  constructor(order: JobOrder | undefined) {
    this.#order = order;
    this.#ready = order === undefined ? undefined : new ReadyTargets(order.estimates);
  }

  get isNobodyReady(): boolean {
    return this.#ready?.nextMs === undefined;
  }

  /** The one that comes next, if there is room for it now. */
  next(): Target | undefined {
    const nextMs = this.#ready?.nextMs;
    if (nextMs === undefined || this.#order?.hasRoomFor(nextMs) !== true) return undefined;
    return (this.#chosen = this.#ready?.take());
  }

  /** When it is a target's turn; one that comes later waits from now on. Where the order is not the makefile's, the walk goes on meanwhile. */
  of(target: Target): Turn {
    const isItsTurn = target === this.#chosen;
    this.#chosen = undefined;
    if (this.#ready === undefined) return "next";
    if (isItsTurn || (this.#order?.runsAtOnce() === true && !this.#ready.precedes(target))) return "now";
    target.state = "waiting";
    this.#ready.add(target);
    return "later";
  }

  remaining(target: Target | undefined): Remaining {
    if (this.#ready === undefined || target === undefined) return { fromBegin: 0, fromEnd: 0 };
    return { fromBegin: this.#ready.remainingMs(target), fromEnd: this.#ready.behindMs(target) };
  }
}
