/** What a job needs of its worker, and what it says in the end. */

import type { WallClock } from "../net/node-connection.js";
import type { Cgroup } from "../os/cgroup.js";
import type { JoinPoint } from "../os/join-point.js";
import type { Sweep } from "../os/process-tree.js";
import type { Spawner } from "../os/spawn.js";
import type { JobFifos } from "../os/token-fifo.js";
import type { LoadReport, RefusalCode, RunRequest, ToldStatus } from "../wire/message.js";
import type { EnvsetterResult } from "./envsetter.js";
import type { LimitWatch } from "./limit-watch.js";

/** What a job needs of its worker. */
export interface JobHouse {
  readonly spawner: Spawner;
  /** From when it is called until what it returns is: marked processes end when this one is killed. @throws ErrnoException */
  readonly guard: (mark: string, group: Cgroup | undefined) => () => void;
  readonly clock: WallClock;
  readonly temporaryDirectory: string;
  /** How long processes have to end by themselves when their client is gone or cancels. */
  readonly graceMs: number;
  /** A control group for one job; undefined: none can be had. */
  readonly cgroup: () => Cgroup | undefined;
  /** Jobs take descriptors up to this number, and leave those above to others. */
  readonly maxDescriptor: number;
  /** What sees to it that a job takes no more than it may; undefined: it may take anything. */
  readonly limits: LimitWatch | undefined;
  readonly load: () => LoadReport;
  /** For jobs whose programs share the client's slots. */
  readonly fifos: JobFifos;
  /** Jobs have so many more slots of their clients beside their own. */
  readonly onLeases: (change: number) => void;
  /** Where launchers of jobs' makes ask; undefined: nowhere. */
  readonly joinPoint: () => JoinPoint | undefined;
  /** A job begins to wait for makes that run in its client, or has them no more. */
  readonly onWaits: (waits: boolean) => void;
  /** Runs ENVSETTER, or remembers what it said for the same directory and environment. */
  readonly envsetter: (request: RunRequest) => Promise<EnvsetterResult>;
}

/** How a job went, for the log. */
export type JobEnd =
  | { readonly kind: "ended"; readonly status: ToldStatus; readonly swept?: Sweep; readonly over?: string }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly text: string };
