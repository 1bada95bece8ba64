/** What one session knows of its nodes' loads as time goes on: its own jobs, what nodes report, what other sessions sent. */

import type { NodeId } from "../base/ids.js";
import type { NodeLoad } from "./node-load.js";

/** What a node says of itself with a heartbeat or an exit. */
export interface ReportedLoad {
  /** Its load average over a minute, all processes. */
  readonly loadAverage: number;
  /** Jobs that run there for all sessions, when it counts them. */
  readonly running?: number;
  readonly freeMemoryBytes?: number;
}

/** How a job ended, as far as load is concerned. */
export interface JobOutcome {
  readonly succeeded: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
}

/** A node that takes jobs from now on. */
export interface JoinedNode {
  readonly node: NodeId;
  /** Its place in the user's list. */
  readonly rank: number;
  readonly slots: number;
  readonly speed: number;
}

interface Entry extends JoinedNode {
  running: number;
  /** Our own part of the node's load average, smoothed as the kernel smoothes it. */
  ownAverage: number;
  ownAverageAtMs: number;
  reported: ReportedLoad | undefined;
  /** Jobs of other sessions there, as last reported. */
  othersRunning: number;
  /** When each job that failed too soon stops counting. */
  lingering: readonly number[];
}

/** The kernel's load average forgets with this time constant. */
const LOAD_AVERAGE_MS = 60_000;
/** A failed job counts no longer than this after its start. */
const MAX_LINGER_MS = 10_000;
/** How much one more duration moves the typical one. */
const TYPICAL_WEIGHT = 0.2;

/**
 * The nodes that have joined, in the user's order. All times are milliseconds on the caller's clock.
 *
 * A node where jobs fail at once looks idle and would draw every job to it; so a job that failed sooner than jobs usually
 * take keeps counting until their usual time is over. It is never set aside for that: the failure may be the recipe's own.
 */
export class NodeLedger {
  readonly #entries: Entry[] = [];
  #typicalMs = 0;

  /** Adds a node. Nodes join when they answer, but keep the order in which the user lists them. */
  join(node: JoinedNode, nowMs: number): void {
    const fresh = {
      running: 0,
      ownAverage: 0,
      ownAverageAtMs: nowMs,
      reported: undefined,
      othersRunning: 0,
      lingering: [],
    };
    const after = this.#entries.findIndex((entry) => entry.rank > node.rank);
    this.#entries.splice(after < 0 ? this.#entries.length : after, 0, { ...node, ...fresh });
  }

  leave(node: NodeId): void {
    const at = this.#entries.findIndex((entry) => entry.node === node);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  placed(node: NodeId, nowMs: number): void {
    this.#update(node, nowMs, (entry) => {
      entry.running++;
    });
  }

  ended(node: NodeId, outcome: JobOutcome): void {
    const tookMs = outcome.endedMs - outcome.startedMs;
    if (outcome.succeeded) this.#learn(tookMs);
    this.#update(node, outcome.endedMs, (entry) => {
      entry.running = Math.max(0, entry.running - 1);
      const untilMs = outcome.startedMs + Math.min(this.#typicalMs, MAX_LINGER_MS);
      if (!outcome.succeeded && untilMs > outcome.endedMs) entry.lingering = [...entry.lingering, untilMs];
    });
  }

  reported(node: NodeId, load: ReportedLoad, nowMs: number): void {
    this.#update(node, nowMs, (entry) => {
      entry.reported = load;
      entry.othersRunning = Math.max(0, (load.running ?? 0) - entry.running);
    });
  }

  /**
   * Every node's load now, in the user's order.
   *
   * @param sentByOthers - jobs that other sessions sent lately, by node
   */
  loads(nowMs: number, sentByOthers: (node: NodeId) => number): readonly NodeLoad[] {
    return this.#entries.map((entry) => {
      settle(entry, nowMs);
      const { node, slots, speed, running, reported } = entry;
      const otherLoad = Math.max(entry.othersRunning, (reported?.loadAverage ?? 0) - entry.ownAverage);
      const load = {
        node,
        slots,
        speed,
        running,
        otherLoad,
        recentlySent: sentByOthers(node) + entry.lingering.length,
      };
      return reported?.freeMemoryBytes === undefined ? load : { ...load, freeMemoryBytes: reported.freeMemoryBytes };
    });
  }

  #update(node: NodeId, nowMs: number, change: (entry: Entry) => void): void {
    const entry = this.#entries.find((candidate) => candidate.node === node);
    if (entry === undefined) return;
    settle(entry, nowMs);
    change(entry);
  }

  #learn(tookMs: number): void {
    this.#typicalMs = this.#typicalMs === 0 ? tookMs : this.#typicalMs + TYPICAL_WEIGHT * (tookMs - this.#typicalMs);
  }
}

/** Brings what changes with time alone up to `nowMs`. */
function settle(entry: Entry, nowMs: number): void {
  const passedMs = Math.max(0, nowMs - entry.ownAverageAtMs);
  const kept = Math.exp(-passedMs / LOAD_AVERAGE_MS);
  entry.ownAverage = entry.ownAverage * kept + entry.running * (1 - kept);
  entry.ownAverageAtMs = nowMs;
  if (entry.lingering.length > 0) entry.lingering = entry.lingering.filter((untilMs) => untilMs > nowMs);
}
