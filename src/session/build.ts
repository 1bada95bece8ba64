/** Drives an update to its end: it walks while there is room, jobs run, and each end of a job lets it walk on. */

import type { Cancellation } from "../base/abort.js";
import type { Observer } from "../events/event.js";
import type { Update } from "../graph/update.js";
import type { Job, JobResult } from "../sched/job.js";
import type { LoadGate, Placement } from "../sched/ports.js";
import { Scheduler } from "../sched/scheduler.js";
import type { TokenSeat } from "../sched/token-pool.js";
import { JobDebug } from "./job-debug.js";
import type { RecipeOutput } from "./recipe-output.js";

export interface BuilderOptions {
  readonly placement: Placement;
  readonly permits: TokenSeat;
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
  /** Called with each job's end, before what follows from it. */
  readonly ended: (job: Job, result: JobResult) => void;
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
  /** How much the walk waits for beside jobs, or has waited for until it was given up. */
  #awaited = 0;
  /** A fault that ends the run once nothing is running any more. */
  #fault: { readonly error: unknown } | undefined;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#debug = new JobDebug(options.observe);
    const { placement, permits, gate, observe, output, discard, nowMs, slots, cancel } = options;
    this.#scheduler = new Scheduler(
      {
        ...{ placement, permits, gate, observe, discard, nowMs },
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
  readonly start = (job: Job, priority: number): void => this.#scheduler.start(job, priority);
  readonly hasRoom = (): boolean => {
    const behind = this.#options.behind();
    if (behind === undefined) return this.#scheduler.hasRoom();
    this.#stepBehind(behind);
    return false;
  };

  /** For the update's order. */
  readonly runsAtOnce = (): boolean => this.hasRoom() && this.#scheduler.runsAtOnce();
  readonly hasRoomFor = (priority: number): boolean =>
    this.#options.behind() === undefined ? this.#scheduler.hasRoomFor(priority) : this.hasRoom();

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

  /** Walks on when something is there that the walk waits for. The run does not end before it. */
  goOnWith(awaited: Promise<void>): void {
    this.#awaited++;
    void awaited
      .catch((error: unknown) => this.#give({ error }))
      .then(() => {
        this.#awaited--;
        this.#step();
      });
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
    if (this.#scheduler.active > 0 || this.#awaited > 0) return;
    if (update.finished || this.#fault !== undefined) this.#done?.();
  }

  #ended(job: Job, result: JobResult): void {
    this.#attempt(() => {
      this.#options.ended(job, result);
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
