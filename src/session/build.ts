/** Drives an update to its end: it walks while there is room, jobs run, and each end of a job lets it walk on. */

import type { Cancellation } from "../base/abort.js";
import type { Observer } from "../events/event.js";
import type { Update } from "../graph/update.js";
import type { Job, JobResult } from "../sched/job.js";
import type { LoadGate, Placement, Tokens } from "../sched/ports.js";
import { Scheduler } from "../sched/scheduler.js";
import { JobDebug } from "./job-debug.js";
import type { RecipeOutput } from "./recipe-output.js";

export interface BuilderOptions {
  readonly placement: Placement;
  readonly tokens: Tokens | undefined;
  readonly gate: LoadGate | undefined;
  /** Infinity for no limit. */
  readonly slots: number;
  readonly observe: Observer;
  readonly output: RecipeOutput;
  /** Resolves when all output has been written: nothing is begun before; undefined: it has been. */
  readonly behind: () => Promise<void> | undefined;
  readonly cancel: Cancellation;
  /** A job was lost in mid-recipe: deletes what it may have half-written. */
  readonly discard: (job: Job) => void;
  readonly nowMs: () => number;
}

/** The scheduler, and the update that it works for. */
export class Builder {
  readonly #options: BuilderOptions;
  readonly #scheduler: Scheduler;
  readonly #debug: JobDebug;
  #update: Update | undefined;
  #done: (() => void) | undefined;
  #isHeldUp = false;
  /** A fault that ends the run once nothing is running any more. */
  #fault: { readonly error: unknown } | undefined;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#debug = new JobDebug(options.observe);
    const { placement, tokens, gate, observe, output, discard, nowMs, slots, cancel } = options;
    this.#scheduler = new Scheduler(
      {
        ...{ placement, tokens, gate, observe, discard, nowMs },
        onJobEvent: (job, event) =>
          this.#attempt(() => {
            this.#debug.take(job, event);
            output.observe(job, event);
          }),
        roomChanged: () => this.#step(),
        ended: (job, result) => this.#ended(job, result),
        failed: (error) => this.#give({ error }),
      },
      { slots },
      cancel,
    );
  }

  /** For the update's ports. */
  readonly start = (job: Job): void => this.#scheduler.start(job);
  readonly hasRoom = (): boolean => {
    const behind = this.#options.behind();
    if (behind === undefined) return this.#scheduler.hasRoom();
    this.#stepBehind(behind);
    return false;
  };

  /**
   * Walks and waits until the update is finished and nothing is running. A cancellation ends it early.
   *
   * @throws UserError when jobs cannot be placed
   */
  async run(update: Update): Promise<void> {
    this.#update = update;
    const interrupt = (): void => {
      this.#attempt(() => update.interrupt());
      this.#step();
    };
    const { cancel } = this.#options;
    cancel.addEventListener("abort", interrupt, { once: true });
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      if (cancel.aborted) interrupt();
      else this.#step();
    });
    cancel.removeEventListener("abort", interrupt);
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  #stepBehind(behind: Promise<void>): void {
    if (this.#isHeldUp) return;
    this.#isHeldUp = true;
    void behind.then(() => {
      this.#isHeldUp = false;
      this.#step();
    }); // it does not reject
  }

  #step(): void {
    const update = this.#update;
    if (update === undefined) return;
    this.#attempt(() => {
      update.advance();
      this.#options.output.flush();
    });
    if (this.#scheduler.active > 0) return;
    if (update.finished || this.#fault !== undefined) this.#done?.();
  }

  #ended(job: Job, result: JobResult): void {
    this.#attempt(() => {
      this.#debug.ended(job, result);
      this.#update?.jobEnded(job.id, result);
    });
    this.#attempt(() => this.#options.output.ended(job));
    this.#step();
  }

  /** Nothing may be thrown into the scheduler: what goes wrong is kept, and ends the run. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#give({ error });
    }
  }

  #give(fault: { readonly error: unknown }): void {
    this.#fault ??= fault;
    this.#update?.interrupt();
  }
}
