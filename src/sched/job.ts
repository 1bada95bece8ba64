/** How a job is run: what a runner is given, tells while it runs, and returns. */

import type { Cancellation } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import type { NodeId } from "../base/ids.js";
import type { Job, Receipt } from "../graph/job.js";

export type { Job, Receipt } from "../graph/job.js";

/** What a runner tells while a job runs, in order; the session turns it into make's own output. */
export type JobEvent =
  | { readonly type: "started"; readonly node: NodeId }
  /** Just before line `index` starts: the moment at which make echoes it. */
  | { readonly type: "line"; readonly index: number }
  /** A process of this machine was started for the line; told only when asked for. */
  | { readonly type: "process"; readonly pid: number }
  /** Output that was not written straight to a descriptor; `isLive`: as it was written to a terminal, to be seen at once. */
  | {
      readonly type: "data";
      readonly stream: "stdout" | "stderr";
      readonly bytes: Uint8Array;
      readonly isLive?: true;
    }
  /** So many makes that its programs have started run here now: it waits for them, and what it takes is for others meanwhile. */
  | { readonly type: "makes"; readonly count: number }
  /** A line ended other than well; the job goes on only when the line ignores errors. */
  | { readonly type: "line-failed"; readonly index: number; readonly status: ExitStatus };

export interface JobResult {
  /** The last line's status, or the first one's that failed and was not ignored. */
  readonly status: ExitStatus;
  readonly node: NodeId;
  readonly receipts: readonly Receipt[];
  /** Times on the session's clock, in milliseconds since the epoch. */
  readonly startedMs: number;
  readonly endedMs: number;
}

/** The right to run one more program. */
export interface Slot {
  /** It is not used any more; to be called once. */
  give(): void;
}

/** Slots that a job may have beyond its own while it runs, for programs of it that share them as the jobserver has it. */
export interface FurtherSlots {
  /** Calls back once with a slot, when there is one; in this turn if there is one now. @returns the way to stop waiting */
  take(taken: (slot: Slot) => void): () => void;
}

/** Runs jobs in one place. Real: exec/local.ts, exec/remote.ts, exec/dry.ts. In tests: test/rig/fake-runner.ts. */
export interface Runner {
  readonly node: NodeId;
  /**
   * Never rejects for what a recipe does; a lost node is a status. Aborting ends every process of the job.
   *
   * @param slots - what is taken of them is given back when this resolves, or sooner; undefined: there are none
   */
  run(job: Job, on: (event: JobEvent) => void, cancel: Cancellation, slots?: FurtherSlots): Promise<JobResult>;
}
