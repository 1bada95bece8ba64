/** The order among all jobs of a session: longest remaining way first, by what is known of earlier sessions. */

import { nameBelow } from "../base/is-below.js";
import { isSuccess } from "../base/exit-status.js";
import type { JobId } from "../base/ids.js";
import type { Estimates } from "../graph/estimates.js";
import type { JobHistory } from "../sched/history.js";
import type { Job, JobResult } from "../sched/job.js";

interface Begun {
  /** What follows its end, in milliseconds. */
  readonly behindMs: number;
  /** How long the makes that it ran take at least; undefined: it ran none that is part of this process. */
  insideMs: number | undefined;
}

export class SessionOrder {
  readonly #history: JobHistory;
  readonly #directory: string;
  readonly #begun = new Map<JobId, Begun>();
  /** An order by what this session itself has learned would change in its midst. */
  readonly #isKnown: boolean;

  /** @param directory - of the session's first make, absolute */
  constructor(history: JobHistory, directory: string) {
    this.#history = history;
    this.#directory = directory;
    this.#isKnown = !history.isEmpty;
  }

  /**
   * For a make in that directory, which a job above it runs; undefined: nothing is known, and the makefile's order is as good as any.
   */
  estimatesFor(directory: string, above: JobId | undefined): Estimates | undefined {
    if (!this.#isKnown) return undefined;
    const behindMs = above === undefined ? 0 : (this.#begun.get(above)?.behindMs ?? 0);
    const place = this.#placeOf(directory);
    return { behindMs, msOf: (target) => this.#history.msOf(place, target) ?? 0 };
  }

  /** In milliseconds; undefined: nothing is known of it. */
  tookMs(job: Job): number | undefined {
    return this.#history.msOf(this.#placeOf(job.directory), job.target);
  }

  begun(job: Job, behindMs: number): void {
    this.#begun.set(job.id, { behindMs, insideMs: undefined });
  }

  /** A make that a job ran has ended: it takes that long at least, however many slots there are. */
  ran(job: JobId, criticalPathMs: (msOf: (target: string) => number) => number, directory: string): void {
    const place = this.#placeOf(directory);
    const begun = this.#begun.get(job);
    if (begun === undefined) return;
    begun.insideMs = (begun.insideMs ?? 0) + criticalPathMs((target) => this.#history.msOf(place, target) ?? 0);
  }

  /** What a line waits for while its make's jobs wait for slots is no time of its own. */
  ended(job: Job, { status, startedMs, endedMs }: JobResult): void {
    const insideMs = this.#begun.get(job.id)?.insideMs;
    this.#begun.delete(job.id);
    if (!isSuccess(status)) return;
    this.#history.took(this.#placeOf(job.directory), job.target, insideMs ?? Math.max(0, endedMs - startedMs));
  }

  /** A tree that is moved keeps its history. */
  #placeOf(directory: string): string {
    return nameBelow(directory, this.#directory);
  }
}
