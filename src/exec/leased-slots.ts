/** Slots of the session that programs of a job on a node have, in the order in which they were granted. */

import type { FurtherSlots, Slot } from "../sched/job.js";

export class LeasedSlots {
  readonly #slots: FurtherSlots;
  readonly #held: Slot[] = [];
  #stopWaiting: (() => void) | undefined;
  #isOver = false;

  constructor(slots: FurtherSlots) {
    this.#slots = slots;
  }

  /** Calls back when there is one more. */
  take(taken: () => void): void {
    this.#stopWaiting?.();
    this.#stopWaiting = this.#slots.take((slot) => {
      if (this.#isOver) {
        slot.give();
        return;
      }
      this.#held.push(slot);
      taken();
    });
  }

  giveBack(): void {
    this.#held.pop()?.give();
  }

  /** The job is over, and gets no more. */
  end(): void {
    this.#isOver = true;
    this.#stopWaiting?.();
    for (const slot of this.#held.splice(0)) slot.give();
  }
}
