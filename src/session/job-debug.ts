/** `--debug=jobs`: the processes of jobs as they come and go, in GNU make's words. Jobs are numbered where it shows addresses. */

import { isSuccess } from "../base/exit-status.js";
import { type JobId, LOCAL_NODE } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import type { Job, JobEvent, JobResult } from "../sched/job.js";

export class JobDebug {
  readonly #observe: Observer;
  /** The process of each job's line that runs, or ran last. */
  readonly #pids = new Map<JobId, number>();

  constructor(observe: Observer) {
    this.#observe = observe;
  }

  take(job: Job, event: JobEvent): void {
    if (event.type === "process") this.#started(job, event.pid);
    else if (event.type === "started" && event.node !== LOCAL_NODE) {
      this.#say(`Putting child ${address(job)} (${job.target}) on node ${event.node}.`);
    }
  }

  ended(job: Job, { status }: JobResult): void {
    const pid = this.#pids.get(job.id);
    if (pid === undefined) return;
    this.#pids.delete(job.id);
    this.#reap(job, pid, isSuccess(status) ? "winning" : "losing");
    this.#say(`Removing child ${address(job)} PID ${String(pid)} from chain.`);
  }

  #started(job: Job, pid: number): void {
    const before = this.#pids.get(job.id);
    this.#pids.set(job.id, pid);
    if (before !== undefined) this.#reap(job, before, "winning");
    else this.#say(`Putting child ${address(job)} (${job.target}) PID ${String(pid)} on the chain.`);
  }

  #reap(job: Job, pid: number, kind: "winning" | "losing"): void {
    this.#say(`Live child ${address(job)} (${job.target}) PID ${String(pid)} `);
    this.#say(`Reaping ${kind} child ${address(job)} PID ${String(pid)} `);
  }

  #say(text: string): void {
    this.#observe({ type: "debug", level: "jobs", depth: 0, text });
  }
}

function address({ id }: Job): string {
  return `0x${(id + 1).toString(16)}`;
}
