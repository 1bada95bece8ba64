/** Who can go on, in the order in which they were first looked at: one round after the other, as GNU make walks. */

import type { Waiter } from "./target.js";

/**
 * Those woken while a round passes their place go on in the same round; those whose place the round has left behind wait
 * for the next one.
 */
export class WokenQueue<T extends Waiter> {
  #round: T[] = [];
  #later: T[] = [];
  #position = -1;
  #orders = 0;

  /** The place behind all that were given so far. */
  newOrder(): number {
    return this.#orders++;
  }

  add(waiter: T): void {
    push(waiter.order > this.#position ? this.#round : this.#later, waiter);
  }

  next(): T | undefined {
    if (this.#round.length === 0) {
      [this.#round, this.#later] = [this.#later, this.#round];
      this.#position = -1;
    }
    const first = pop(this.#round);
    if (first !== undefined) this.#position = first.order;
    return first;
  }
}

/** Puts an item into a binary heap, smallest order first. */
function push<T extends Waiter>(heap: T[], item: T): void {
  heap.push(item);
  for (let i = heap.length - 1; i > 0;) {
    const parent = (i - 1) >> 1;
    if (!swapIfLess(heap, i, parent)) return;
    i = parent;
  }
}

function pop<T extends Waiter>(heap: T[]): T | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  heap[0] = last;
  for (let i = 0; ;) {
    const left = 2 * i + 1;
    const smaller = isLess(heap, left + 1, left) ? left + 1 : left;
    if (!swapIfLess(heap, smaller, i)) return first;
    i = smaller;
  }
}

function isLess(heap: readonly Waiter[], a: number, b: number): boolean {
  const [first, second] = [heap[a], heap[b]];
  return first !== undefined && second !== undefined && first.order < second.order;
}

function swapIfLess(heap: Waiter[], a: number, b: number): boolean {
  if (!isLess(heap, a, b)) return false;
  const [first, second] = [heap[a], heap[b]];
  if (first !== undefined && second !== undefined) [heap[a], heap[b]] = [second, first];
  return true;
}
