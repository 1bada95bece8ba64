/** A node as the cluster sees it once it is reached, and the port that reaches it. Real: cluster-dial.ts. */

import type { Cancellation } from "../base/abort.js";
import type { NodeId } from "../base/ids.js";
import type { Result } from "../base/result.js";
import type { ReachedAddress, StandingAddress } from "../placement/node-directory.js";
import type { ReportedLoad } from "../placement/node-ledger.js";
import type { Runner } from "../sched/job.js";

/** A node that answered, holds the right key, sees our directory and tells the right time. */
export interface NodeLink {
  /** How it calls itself. */
  readonly name: string;
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
  /**
   * `unreachable`: nothing answered; it may later. `refused`: no worker can be started there before someone has put something right.
   * `unfit`: a worker answered, and is of no use before someone has.
   */
  readonly kind: "unreachable" | "refused" | "unfit";
  readonly reason: string;
}

/** Why a node does not take a job: `busy`: it has no room; `unreachable`: it is about to stop; `unfit`: by a fault of its own. */
export interface Refusal {
  readonly kind: "busy" | "unreachable" | "unfit";
  readonly reason: string;
}

/** Tries to reach a node, once and shortly. Never rejects; `cancel` ends the attempt and leaves nothing behind. */
export type Dial = (address: ReachedAddress, cancel: Cancellation) => Promise<Result<NodeLink, LeftOut>>;

/** A node that nobody has listed. It has proved that it holds the other half of our key, and nothing else yet. */
export interface Candidate {
  /** How it calls itself: any bytes. */
  readonly name: string;
  /** Where it is, as far as can be seen from here. */
  readonly host: string;
  /** Looks whether it can be used, as the node of this name. Never rejects. */
  admit(node: NodeId): Promise<Result<NodeLink, LeftOut>>;
  /** It is not wanted. */
  dismiss(): void;
}

/** Looks for nodes that nobody has listed, in the background. Real: node-search.ts. */
export interface Search {
  /** Begins to look, once. */
  begin(onCandidate: (candidate: Candidate) => void): void;
  /** Asks again those who have not answered. */
  again(): void;
  /** Whoever answers from now on is sent away. */
  close(): Promise<void>;
}

/** What is told of the nodes of a standing cluster. */
export interface RollListener {
  /** A node is there that takes jobs; one of that name that was there is another from now on. */
  readonly joined: (address: StandingAddress) => void;
  /** It takes no more jobs; those that it has may end. */
  readonly left: (node: NodeId, reason: string) => void;
  /** Once: all are told of that were there at first. */
  readonly looked: () => void;
}

/** The nodes of a standing cluster, which join and leave as they like. Real: standing-roll.ts. */
export interface Roll {
  /** The cluster's folder. */
  readonly folder: string;
  /** Begins to tell, once, and not before it returns. */
  begin(listener: RollListener): void;
  close(): Promise<void>;
}
