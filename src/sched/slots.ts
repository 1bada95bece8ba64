/** The job slots of a session: how many jobs may run at once, and which of those that wait comes next. */

import PQueue from "p-queue";
import { ReadyOrder } from "./ready-order.js";

type Task = () => Promise<unknown>;

/** Holds `-j` jobs at a time. */
export class Slots {
  readonly #queue: PQueue<ReadyOrder<Task>>;

  /** @param count - at least 1; Infinity for no limit */
  constructor(count: number) {
    this.#queue = new PQueue({ concurrency: count, queueClass: ReadyOrder<Task> });
  }

  /** Runs the work as soon as a slot is free, at once when one is. `work` must not reject. */
  run(priority: number, work: () => Promise<void>): void {
    void this.#queue.add(work, { priority }); // never rejects, as the work does not
  }
}
