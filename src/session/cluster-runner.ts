/** One node of the cluster as the scheduler runs jobs on it: counts them, and tells a job's failure from the node's. */

import { accessSync, constants } from "node:fs";
import type { Cancellation } from "../base/abort.js";
import { isSuccess } from "../base/exit-status.js";
import type { NodeId } from "../base/ids.js";
import type { JobOutcome } from "../placement/node-ledger.js";
import { firstUnseen } from "../os/visibility.js";
import type { FurtherSlots, Job, JobEvent, JobResult, Receipt, Runner } from "../sched/job.js";
import type { Certificates } from "./certificates.js";
import { type NodeRoom, slotsOn } from "./slots-on-node.js";

/** What the cluster wants to know of a job on a node. */
export interface RunnerWatch {
  ended(node: NodeId, outcome: JobOutcome): void;
  /** The node, not the recipe, is at fault: it gets no more jobs. */
  suspect(node: NodeId, reason: string): void;
  /** For what programs of a job run besides. */
  readonly room: NodeRoom;
}

/** Runs jobs that were counted when their node was chosen, and looks for what they wrote when they end. */
export class ClusterRunner implements Runner {
  readonly node: NodeId;
  readonly #runner: Runner;
  readonly #watch: RunnerWatch;
  readonly #certificates: Certificates | undefined;
  /** What the node wrote itself, or has shown that it sees. */
  readonly #seen = new WeakSet<Receipt>();

  /** @param certificates - undefined: nobody looks for files, neither there nor here */
  constructor(runner: Runner, watch: RunnerWatch, certificates: Certificates | undefined) {
    this.node = runner.node;
    this.#runner = runner;
    this.#watch = watch;
    this.#certificates = certificates;
  }

  async run(job: Job, on: (event: JobEvent) => void, cancel: Cancellation, slots?: FurtherSlots): Promise<JobResult> {
    const needs = this.#certificates?.wanted(job, this.#seen) ?? [];
    const further = slots && slotsOn(this.#watch.room, slots);
    const lending = new Lending(this.#watch.room);
    const tell = (event: JobEvent): void => {
      if (event.type === "makes") lending.waitsFor(event.count);
      on(event);
    };
    const result = await this.#runner.run({ ...job, needs }, tell, cancel, further);
    this.#certificates?.issued(result.receipts, job);
    if (result.status.kind !== "lost") for (const each of [...needs, ...result.receipts]) this.#seen.add(each);
    const { startedMs, endedMs } = result;
    this.#watch.ended(this.node, { succeeded: isSuccess(result.status), startedMs, endedMs });
    return this.#judge(job, result);
  }

  /** A job that failed by its node's fault is given back, to be run elsewhere. */
  async #judge(job: Job, result: JobResult): Promise<JobResult> {
    const { status } = result;
    if (status.kind === "unstarted" && status.program === job.shell && isExecutableHere(job.shell))
      return this.#giveBack(result, {
        started: false,
        reason: `${job.shell} cannot be started there (${status.errno})`,
      });
    if (!isSuccess(status) || this.#certificates === undefined) return result;
    const unseen = await firstUnseen(result.receipts, job.directory);
    if (unseen === undefined) return result;
    return this.#giveBack(result, { started: true, reason: `what it writes is not seen here: ${unseen.text}` });
  }

  #giveBack(result: JobResult, fault: { readonly started: boolean; readonly reason: string }): JobResult {
    this.#watch.suspect(this.node, fault.reason);
    return { ...result, status: { kind: "lost", node: this.node, ...fault } };
  }
}

/** A job's slot of its node, which others have while it waits for makes that run here. */
class Lending {
  readonly #room: NodeRoom;
  #takeBack: (() => void) | undefined;

  constructor(room: NodeRoom) {
    this.#room = room;
  }

  waitsFor(makes: number): void {
    if (makes > 0) {
      this.#takeBack ??= this.#room.lend();
      return;
    }
    this.#takeBack?.();
    this.#takeBack = undefined;
  }
}

/** A shell that is missing on this machine too is the makefile's mistake. */
function isExecutableHere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
