/** What a cluster's placement is given: its nodes, this machine, the way to reach nodes, and what other sessions know. */

import type { Observer } from "../events/event.js";
import type { NodeAddress } from "../placement/node-directory.js";
import type { ReportedLoad } from "../placement/node-ledger.js";
import type { Job, Runner } from "../sched/job.js";
import type { Certificates } from "./certificates.js";
import type { Dial, Roll, Search } from "./cluster-link.js";
import type { ComingNodes } from "./held-allocation.js";
import type { Later } from "./node-calls.js";

/** What sessions tell each other of jobs they sent. Real: os/sent-directory.ts. */
export interface SentCounts {
  sent(place: string): void;
  ended(place: string, sentAtMs: number): void;
  byOthers(place: string): number;
}

/** Nodes of which a make above us, or below, has told something. Real: os/told-list.ts. */
export interface ToldNodes {
  has(place: string): boolean;
  add(place: string): void;
  /** It is so no more. @returns whether it was told, by any make of the session, and nobody has taken it back yet */
  takeBack(place: string): boolean;
}

/** This machine as a place for jobs. */
export interface LocalPlace {
  readonly runner: Runner;
  /** Slots when NODES says `local` without a number. */
  readonly slots: number;
  /** Its name in sent records. */
  readonly name: string;
  readonly load: () => ReportedLoad;
}

export interface PlacementOptions {
  /** In the user's order. */
  readonly nodes: readonly NodeAddress[];
  readonly strict: boolean;
  readonly minFreeMemoryBytes: number | undefined;
  readonly local: LocalPlace;
  readonly dial: Dial;
  /** Of nodes that nobody has listed; undefined: none are looked for. */
  readonly search?: Search | undefined;
  /** The nodes of a standing cluster; undefined: there is none. */
  readonly roll?: Roll | undefined;
  /** Nobody has listed any nodes: this machine is one of them only until others are found, and beside them. */
  readonly isUnlisted?: boolean;
  readonly sent: SentCounts;
  /** That they are unreachable. */
  readonly down: ToldNodes;
  /** That their clocks are off. */
  readonly warned: Omit<ToldNodes, "takeBack">;
  readonly observe: Observer;
  /** undefined: receipts are not looked for. */
  readonly certificates: Certificates | undefined;
  /** Nodes that are ours later, or the reason why none will be; until then this machine is one of the nodes. Never rejects. */
  readonly coming?: ComingNodes | undefined;
  /** When a scheduler takes back the nodes on which workers were started, as far as is known; undefined: never. */
  readonly endsAtMs?: (() => number | undefined) | undefined;
  /** What a job took in earlier sessions, in milliseconds; undefined: nobody knows. */
  readonly tookMs?: ((job: Job) => number | undefined) | undefined;
  readonly nowMs: () => number;
  readonly later: Later;
}
