/** A node as the cluster sees it once it is reached, and the port that reaches it. Real: cluster-dial.ts. */

import type { Cancellation } from "../base/abort.js";
import type { Result } from "../base/result.js";
import type { RemoteAddress } from "../placement/node-directory.js";
import type { ReportedLoad } from "../placement/node-ledger.js";
import type { Runner } from "../sched/job.js";

/** A node that answered, holds the right key, sees our directory and tells the right time. */
export interface NodeLink {
  /** Jobs it offers to run at once. */
  readonly slots: number;
  /** Its clock minus ours. */
  readonly clockOffsetMs: number;
  readonly runner: Runner;
  readonly load: ReportedLoad;
  /** Calls back with every load it reports. */
  onLoad(listener: (load: ReportedLoad) => void): void;
  /** Calls back when it does not take a job that another node might. */
  onRefused(listener: (refusal: Refusal) => void): void;
  /** Calls back once when the connection ends without our doing. */
  onLost(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

/** Why a node is not used. */
export interface LeftOut {
  /** `unreachable`: nothing answered. `unfit`: it answered, but someone has to put something right. */
  readonly kind: "unreachable" | "unfit";
  readonly reason: string;
}

/** Why a node does not take a job: `busy`: for now; `unreachable`: it is about to stop; `unfit`: by a fault of its own. */
export interface Refusal {
  readonly kind: "busy" | LeftOut["kind"];
  readonly reason: string;
}

/** Tries to reach a node, once and shortly. Never rejects; `cancel` ends the attempt and leaves nothing behind. */
export type Dial = (address: RemoteAddress, cancel: Cancellation) => Promise<Result<NodeLink, LeftOut>>;
