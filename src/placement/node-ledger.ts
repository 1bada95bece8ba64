/** What one session knows of its nodes' loads as time goes on: its own jobs, what nodes report, what other sessions sent. */

import type { NodeId } from "../base/ids.js";
import type { NodeLoad } from "./node-load.js";
import { OwnWork } from "./own-work.js";

/** What a node says of itself with a heartbeat or an exit. */
export interface ReportedLoad {
  /** Its load average over a minute, all processes. */
  readonly loadAverage: number;
  /** Jobs that run there for all sessions, when it counts them. */
  readonly running?: number;
  readonly freeMemoryBytes?: number;
  /** When this was so, on our clock; now unless given. */
  readonly takenMs?: number;
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
  readonly own: OwnWork;
  /** Jobs of other sessions there, as last reported. */
  othersRunning: number;
  /** When each job that failed too soon stops counting. */
  lingering: readonly number[];
}

const NONE: readonly number[] = [];

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

  /** What jobs have taken lately; 0 when none has ended yet. */
  get typicalMs(): number {
    return this.#typicalMs;
  }

  /** Adds a node. Nodes join when they answer, but keep the order in which the user lists them. */
  join({ node, rank, slots, speed }: JoinedNode, nowMs: number): void {
    const load = { node, slots, speed, running: 0, otherLoad: 0, recentlySent: 0 };
    const after = this.#entries.findIndex((entry) => entry.rank > rank);
    const entry = { rank, load, own: new OwnWork(nowMs), othersRunning: 0, lingering: NONE };
    this.#entries.splice(after < 0 ? this.#entries.length : after, 0, entry);
  }

  leave(node: NodeId): void {
    const at = this.#entries.findIndex((entry) => entry.load.node === node);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  placed(node: NodeId, nowMs: number): void {
    const entry = this.#entryOf(node);
    if (entry !== undefined) setRunning(entry, entry.load.running + 1, nowMs);
  }

  /** Whether one more may run there. */
  hasRoom(node: NodeId): boolean {
    const load = this.#entryOf(node)?.load;
    return load !== undefined && load.running < load.slots;
  }

  /** What was placed there and is no job has ended. */
  left(node: NodeId, nowMs: number): void {
    const entry = this.#entryOf(node);
    if (entry !== undefined) setRunning(entry, Math.max(0, entry.load.running - 1), nowMs);
  }

  ended(node: NodeId, outcome: JobOutcome): void {
    const tookMs = outcome.endedMs - outcome.startedMs;
    if (outcome.succeeded) this.#learn(tookMs);
    const entry = this.#entryOf(node);
    if (entry === undefined) return;
    setRunning(entry, Math.max(0, entry.load.running - 1), outcome.endedMs);
    const untilMs = outcome.startedMs + Math.min(this.#typicalMs, MAX_LINGER_MS);
    if (!outcome.succeeded && untilMs > outcome.endedMs) entry.lingering = [...entry.lingering, untilMs];
  }

  /** What is not ours of it is reckoned by what was ours when it was so, not by what is ours when it is told. */
  reported(node: NodeId, report: ReportedLoad, nowMs: number): void {
    const entry = this.#entryOf(node);
    if (entry === undefined) return;
    const { loadAverage, running = 0, freeMemoryBytes, takenMs = nowMs } = report;
    const own = entry.own.at(takenMs);
    entry.othersRunning = Math.max(0, running - own.running);
    entry.load.otherLoad = Math.max(entry.othersRunning, loadAverage - own.average);
    if (freeMemoryBytes !== undefined) entry.load.freeMemoryBytes = freeMemoryBytes;
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

  #entryOf(node: NodeId): Entry | undefined {
    return this.#entries.find((candidate) => candidate.load.node === node);
  }

  #learn(tookMs: number): void {
    this.#typicalMs = this.#typicalMs === 0 ? tookMs : this.#typicalMs + TYPICAL_WEIGHT * (tookMs - this.#typicalMs);
  }
}

function setRunning({ load, own }: Entry, running: number, nowMs: number): void {
  load.running = running;
  own.runs(running, nowMs);
}

function expire(entry: Entry, nowMs: number): void {
  // Further away than any is to be: the caller's clock was put back meanwhile.
  const left = entry.lingering.filter((untilMs) => untilMs > nowMs && untilMs - nowMs <= MAX_LINGER_MS);
  entry.lingering = left.length === 0 ? NONE : left;
}
