/** The makes of a session as they are below each other, and by what name a job of any of them is known to the user. */

import { nameBelow } from "../base/is-below.js";
import type { InvocationId, JobId } from "../base/ids.js";
import type { MakeEvent } from "../events/event.js";

interface Make {
  readonly directory: string;
  readonly above: JobId | undefined;
}

interface PlannedJob {
  readonly invocation: InvocationId;
  readonly target: string;
}

export class MakeTree {
  readonly #makes = new Map<InvocationId, Make>();
  readonly #jobs = new Map<JobId, PlannedJob>();
  /** Of the first make. */
  #top: string | undefined;
  /** How many makes each job runs just now. */
  readonly #running = new Map<JobId, number>();

  readonly observe = (event: MakeEvent): void => {
    if (event.type === "make-began") {
      this.#top ??= event.directory;
      this.#makes.set(event.invocation, event);
      this.#count(event.above, 1);
    } else if (event.type === "make-ended") this.#count(this.#makes.get(event.invocation)?.above, -1);
    else if (event.type === "job-planned") this.#jobs.set(event.job, event);
  };

  /** The target, as seen from the first make's directory. @param otherwise - of a job that nobody has planned */
  nameOf(job: JobId, otherwise = "?"): string {
    const { target = otherwise, directory } = this.#placeOf(job);
    return directory === "" ? target : `${directory}/${target}`;
  }

  /** Where its make works, from the first one's directory; empty: there. */
  directoryOf(job: JobId): string {
    return this.#placeOf(job).directory;
  }

  /** Where its make works, absolute. */
  makeDirectoryOf(job: JobId): string | undefined {
    const planned = this.#jobs.get(job);
    return planned && this.#makes.get(planned.invocation)?.directory;
  }

  /** The job that runs its make. */
  aboveOf(job: JobId): JobId | undefined {
    const planned = this.#jobs.get(job);
    return planned && this.#makes.get(planned.invocation)?.above;
  }

  /** Whether it only waits for a make that it runs. */
  isMake(job: JobId): boolean {
    return (this.#running.get(job) ?? 0) > 0;
  }

  #placeOf(job: JobId): { readonly target?: string; readonly directory: string } {
    const planned = this.#jobs.get(job);
    if (planned === undefined) return { directory: "" };
    const { target, invocation } = planned;
    const directory = this.#makes.get(invocation)?.directory;
    return { target, directory: directory === undefined ? "" : nameBelow(directory, this.#top ?? directory) };
  }

  #count(job: JobId | undefined, change: number): void {
    if (job !== undefined) this.#running.set(job, (this.#running.get(job) ?? 0) + change);
  }
}
