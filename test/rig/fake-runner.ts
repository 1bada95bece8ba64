/** A runner whose jobs end when and as the test says. */

import type { Cancellation } from "../../src/base/abort.js";
import { type ExitStatus, SUCCESS } from "../../src/base/exit-status.js";
import { invocationId, jobId, LOCAL_NODE, type NodeId } from "../../src/base/ids.js";
import type { Job, JobEvent, JobResult, Runner } from "../../src/sched/job.js";

interface RunningJob {
  readonly job: Job;
  readonly cancel: Cancellation;
  readonly on: (event: JobEvent) => void;
  readonly resolve: (result: JobResult) => void;
}

export class FakeRunner implements Runner {
  readonly node: NodeId;
  /** Targets in the order in which their jobs were started here. */
  readonly started: string[] = [];
  readonly #running = new Map<string, RunningJob>();

  constructor(node: NodeId = LOCAL_NODE) {
    this.node = node;
  }

  /** Targets whose jobs run now. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  run(job: Job, on: (event: JobEvent) => void, cancel: Cancellation): Promise<JobResult> {
    this.started.push(job.target);
    on({ type: "started", node: this.node });
    return new Promise((resolve) => {
      this.#running.set(job.target, { job, cancel, on, resolve });
      cancel.addEventListener("abort", () => {
        if (this.#running.has(job.target)) void this.end(job.target, { kind: "signalled", signal: 15, core: false });
      });
    });
  }

  /** Ends a job, and gives everyone the time to act on it. */
  async end(target: string, status: ExitStatus = SUCCESS): Promise<void> {
    const running = this.#running.get(target);
    if (running === undefined) throw new Error(`${target} does not run here`);
    this.#running.delete(target);
    running.resolve({ status, node: this.node, receipts: [], startedMs: 0, endedMs: 0 });
    await settled();
  }
}

/** Resolves when all that could go on by itself has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

let count = 0;

/** A job of one line. */
export function fakeJob(target: string, more: Partial<Job> = {}): Job {
  return {
    id: jobId(count++),
    invocation: invocationId(0),
    target,
    writes: [],
    needs: [],
    lines: [line("true")],
    oneShell: false,
    shell: "/bin/sh",
    shellFlags: "-c",
    environment: ["PATH=/usr/bin:/bin"],
    directory: "/",
    local: false,
    noRetry: false,
    ...more,
  };
}

/** A recipe line with nothing special about it. */
export function line(text: string, more: Partial<Job["lines"][number]> = {}): Job["lines"][number] {
  return {
    text,
    silent: false,
    ignoreErrors: false,
    recursive: false,
    location: { file: "Makefile", line: 1 },
    ...more,
  };
}
