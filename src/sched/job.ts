/** A job: one target's recipe, expanded, all its lines; plain data, ready to run on any node. */

import type { Cancellation } from "../base/abort.js";
import type { ExitStatus } from "../base/exit-status.js";
import type { InvocationId, JobId, NodeId } from "../base/ids.js";
import type { Location } from "../base/location.js";

export interface RecipeLine {
  /** The script, without its `@-+` prefixes; with its backslash-newlines. Never blank. */
  readonly text: string;
  /** What `echo` prints when the line is not silent: the text as GNU make shows it. */
  readonly silent: boolean;
  readonly ignoreErrors: boolean;
  /** It had a `+` or names `$(MAKE)`: it runs under -n, -q, -t too, inherits the jobserver, and stays on this machine. */
  readonly recursive: boolean;
  readonly location: Location;
}

export interface Job {
  readonly id: JobId;
  readonly invocation: InvocationId;
  /** `$@`. */
  readonly target: string;
  /** All files the recipe makes: the target and its grouped peers; phony ones left out. What receipts speak of. */
  readonly writes: readonly string[];
  readonly lines: readonly RecipeLine[];
  /** `.ONESHELL`: all lines are one script. */
  readonly oneShell: boolean;
  readonly shell: string;
  /** `.SHELLFLAGS`, split. */
  readonly shellFlags: readonly string[];
  /** Complete, `NAME=value` each, in GNU make's order of no promise. */
  readonly environment: readonly string[];
  /** Absolute. */
  readonly directory: string;
  /** Must run on this machine: a recursive line, or a target marked so. */
  readonly local: boolean;
  /** `.mpmake: no-retry`: not to be run a second time when its node is lost. */
  readonly noRetry: boolean;
}

/** What a runner tells while a job runs, in order; the session turns it into make's own output. */
export type JobEvent =
  | { readonly type: "started"; readonly node: NodeId }
  /** Just before line `index` starts: the moment at which make echoes it. */
  | { readonly type: "line"; readonly index: number }
  /** Output that was not written straight to a descriptor. */
  | { readonly type: "data"; readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }
  /** A line ended other than well; the job goes on only when the line ignores errors. */
  | { readonly type: "line-failed"; readonly index: number; readonly status: ExitStatus };

/** What a node certifies of a file a job wrote. */
export interface Receipt {
  readonly path: string;
  /** undefined: the file did not exist after the recipe. */
  readonly stat: { readonly sizeBytes: number; readonly mtimeNs: bigint; readonly ino: bigint } | undefined;
}

export interface JobResult {
  /** The last line's status, or the first one's that failed and was not ignored. */
  readonly status: ExitStatus;
  readonly node: NodeId;
  readonly receipts: readonly Receipt[];
  /** Times on the session's clock, in milliseconds since the epoch. */
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Runs jobs in one place. Real: exec/local.ts, exec/remote.ts, exec/dry.ts. In tests: test/rig/fake-runner.ts. */
export interface Runner {
  readonly node: NodeId;
  /** Never rejects for what a recipe does; a lost node is a status. Aborting ends every process of the job. */
  run(job: Job, on: (event: JobEvent) => void, cancel: Cancellation): Promise<JobResult>;
}
