/** Everything that happens in a session, as one union of plain data; observers turn it into output, traces and reports. */

import type { ExitStatus } from "../base/exit-status.js";
import type { InvocationId, JobId, NodeId } from "../base/ids.js";
import type { Location } from "../base/location.js";

export type Stream = "stdout" | "stderr";

/** Text and where it is to go. */
export interface Printed {
  readonly stream: Stream;
  readonly text: string;
}

/** The letters of `--debug=`: basic, verbose, implicit, jobs, makefile, print, why. */
export type DebugLevel = "basic" | "verbose" | "implicit" | "jobs" | "makefile" | "print" | "why";

export type MakeEvent =
  /** Raw text of the program, newline included (`$(info)`, `-p`, echoed recipes of `-n`). */
  | { readonly type: "output"; readonly stream: Stream; readonly text: string }
  /** A message of make itself: the console puts `make: ` or `FILE:LINE: ` before and a newline behind it. */
  | { readonly type: "message"; readonly stream: Stream; readonly text: string; readonly location?: Location }
  /** A line of `--debug`; `depth` is the indentation in levels of recursion. */
  | { readonly type: "debug"; readonly level: DebugLevel; readonly depth: number; readonly text: string }
  /** A make begins to work: the first one, or one that a job of another runs in this process. */
  | {
      readonly type: "make-began";
      readonly invocation: InvocationId;
      /** What runs it; undefined for the first one, and where that is not known. */
      readonly above: JobId | undefined;
      /** Absolute. */
      readonly directory: string;
    }
  | { readonly type: "make-ended"; readonly invocation: InvocationId }
  /** The graph knows that this job will be wanted; totals for progress. */
  | {
      readonly type: "job-planned";
      readonly job: JobId;
      readonly invocation: InvocationId;
      readonly target: string;
      /** One of its lines may run a make. */
      readonly recursive: boolean;
    }
  | { readonly type: "job-placed"; readonly job: JobId; readonly node: NodeId }
  /** A line ended other than well, its recipe ends by that, and the user is told. */
  | {
      readonly type: "recipe-failed";
      readonly job: JobId;
      readonly target: string;
      readonly location: Location;
      readonly status: ExitStatus;
    }
  | {
      readonly type: "job-ended";
      readonly job: JobId;
      readonly target: string;
      readonly node: NodeId;
      readonly status: ExitStatus;
      readonly startedMs: number;
      readonly endedMs: number;
    }
  | { readonly type: "node-joined"; readonly node: NodeId; readonly slots: number; readonly clockOffsetMs: number }
  /** A node is left out or lost; said once per node and reason. */
  | { readonly type: "node-left-out"; readonly node: NodeId; readonly reason: string }
  /** A node that was left out takes jobs again. */
  | { readonly type: "node-back"; readonly node: NodeId };

/** Takes every event, synchronously and in order; must not throw. */
export type Observer = (event: MakeEvent) => void;
