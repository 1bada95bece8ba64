/** One program run on the least loaded node, as `mexecvp` and the library's `mexec…` functions do it. */

import { setTimeout as pause } from "node:timers/promises";
import type { Cancellation } from "../base/abort.js";
import { invocationId, jobId } from "../base/ids.js";
import type { Observer } from "../events/event.js";
import type { Job, JobEvent, JobResult } from "../sched/job.js";
import { Scheduler } from "../sched/scheduler.js";
import type { Cluster } from "./cluster.js";

/** A program with what it is given; byte strings. */
export interface Program {
  /** Searched for in PATH, on the node, when it has no slash. */
  readonly file: string;
  /** Without the program's own name. */
  readonly arguments: readonly string[];
  /** Complete, `NAME=value` each. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
}

export interface MexecRequest {
  /** Tells programs apart that use one cluster at the same time. */
  readonly id?: number;
  readonly program: Program;
  readonly cluster: Cluster;
  readonly on: (event: JobEvent) => void;
  readonly observe: Observer;
  readonly cancel: Cancellation;
  readonly nowMs: () => number;
}

/** Once a node has answered, the others get as long again, and this. */
const GATHER_MS = 50;

/**
 * Runs a program to its end, on the node that is least loaded among those that answer soon. A node that is lost before the
 * program has started is replaced by another; one that is lost later ends it, for nobody knows how far it came.
 *
 * @throws UserError when no node can be used
 */
export async function mexec(request: MexecRequest): Promise<JobResult> {
  const { program, cluster, cancel } = request;
  const beganMs = performance.now();
  await cluster.ready();
  const firstMs = performance.now() - beganMs;
  await Promise.race([cluster.answered(), pause(firstMs + GATHER_MS, undefined, { ref: false })]);
  return new Promise((resolve, reject) => {
    const scheduler = new Scheduler(
      {
        placement: cluster.placement,
        observe: request.observe,
        onJobEvent: (_, event) => request.on(event),
        discard: () => undefined,
        ended: (_, result) => resolve(result),
        failed: reject,
        nowMs: () => request.nowMs(),
      },
      { slots: 1 },
      cancel,
    );
    scheduler.start(jobOf(program, request.id));
  });
}

/** A program as a job of one line. */
export function jobOf(program: Program, id = 1): Job {
  const argv = [program.file, ...program.arguments];
  const location = { file: program.file, line: 1 };
  return {
    id: jobId(id),
    invocation: invocationId(1),
    target: program.file,
    writes: [],
    needs: [],
    argv,
    lines: [{ text: program.file, silent: true, ignoreErrors: false, recursive: false, location }],
    oneShell: false,
    shell: "/bin/sh",
    shellFlags: "-c",
    environment: program.environment,
    directory: program.directory,
    local: false,
    noRetry: true,
  };
}
