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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Entry {
  readonly rank: number;
  /** What `loads` tells of it; kept, as a large cluster is asked for at every job. */
  readonly load: Mutable<NodeLoad>;
  /** Our own part of the node's load average, smoothed as the kernel smoothes it. */
  ownAverage: number;
  ownAverageAtMs: number;
  /** Jobs of other sessions there, as last reported. */
  othersRunning: number;
  /** When each job that failed too soon stops counting. */
  lingering: readonly number[];
}

const NONE: readonly number[] = [];

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
  join({ node, rank, slots, speed }: JoinedNode, nowMs: number): void {
    const load = { node, slots, speed, running: 0, otherLoad: 0, recentlySent: 0 };
    const after = this.#entries.findIndex((entry) => entry.rank > rank);
    const entry = { rank, load, ownAverage: 0, ownAverageAtMs: nowMs, othersRunning: 0, lingering: NONE };
    this.#entries.splice(after < 0 ? this.#entries.length : after, 0, entry);
  }

  leave(node: NodeId): void {
    const at = this.#entries.findIndex((entry) => entry.load.node === node);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  placed(node: NodeId, nowMs: number): void {
    this.#update(node, nowMs, ({ load }) => {
      load.running++;
    });
  }

  ended(node: NodeId, outcome: JobOutcome): void {
    const tookMs = outcome.endedMs - outcome.startedMs;
    if (outcome.succeeded) this.#learn(tookMs);
    this.#update(node, outcome.endedMs, (entry) => {
      entry.load.running = Math.max(0, entry.load.running - 1);
      const untilMs = outcome.startedMs + Math.min(this.#typicalMs, MAX_LINGER_MS);
      if (!outcome.succeeded && untilMs > outcome.endedMs) entry.lingering = [...entry.lingering, untilMs];
    });
  }

  reported(node: NodeId, { loadAverage, running = 0, freeMemoryBytes }: ReportedLoad, nowMs: number): void {
    this.#update(node, nowMs, (entry) => {
      const { load, ownAverage } = entry;
      entry.othersRunning = Math.max(0, running - load.running);
      load.otherLoad = Math.max(entry.othersRunning, loadAverage - ownAverage);
      if (freeMemoryBytes !== undefined) load.freeMemoryBytes = freeMemoryBytes;
    });
  }

  /**
   * Every node's load now, in the user's order; good until anything else is called.
   *
   * @param sentByOthers - jobs that other sessions sent lately, by node; those that the node has reported since are counted once
   */
  loads(nowMs: number, sentByOthers: (node: NodeId) => number): readonly NodeLoad[] {
    return this.#entries.map((entry) => {
      const { load, othersRunning } = entry;
      if (entry.lingering !== NONE) expire(entry, nowMs);
      load.recentlySent = Math.max(0, sentByOthers(load.node) - othersRunning) + entry.lingering.length;
      return load;
    });
  }

  #update(node: NodeId, nowMs: number, change: (entry: Entry) => void): void {
    const entry = this.#entries.find((candidate) => candidate.load.node === node);
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
  entry.ownAverage = entry.ownAverage * kept + entry.load.running * (1 - kept);
  entry.ownAverageAtMs = nowMs;
}

function expire(entry: Entry, nowMs: number): void {
  // Further away than any is to be: the caller's clock was put back meanwhile.
  const left = entry.lingering.filter((untilMs) => untilMs > nowMs && untilMs - nowMs <= MAX_LINGER_MS);
  entry.lingering = left.length === 0 ? NONE : left;
}
