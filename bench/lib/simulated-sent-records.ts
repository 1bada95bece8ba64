/** The directory of sent records as os/sent-directory.ts keeps it, in memory: written and read at most twice a second. */

import { decayed, SentTally, sumSentRecords } from "../../src/placement/sent-record.js";

interface WrittenRecord {
  readonly atMs: number;
  readonly weights: ReadonlyMap<string, number>;
}

/** What all builds have written. */
export type SimulatedDirectory = Map<number, WrittenRecord>;

const REFRESH_MS = 500;

/** One build's side of it. */
export class SimulatedSentRecords {
  readonly #directory: SimulatedDirectory;
  readonly #build: number;
  readonly #own = new SentTally();
  #others: ReadonlyMap<string, number> = new Map();
  #refreshedMs = Number.NEGATIVE_INFINITY;

  constructor(directory: SimulatedDirectory, build: number) {
    this.#directory = directory;
    this.#build = build;
  }

  sent(place: string, nowMs: number): void {
    this.#own.sent(place, nowMs);
    this.#refreshWhenDue(nowMs);
  }

  ended(place: string, times: { readonly sentAtMs: number; readonly nowMs: number }): void {
    this.#own.ended(place, times);
    this.#refreshWhenDue(times.nowMs);
  }

  byOthers(place: string, nowMs: number): number {
    this.#refreshWhenDue(nowMs);
    const sum = this.#others.get(place);
    return sum === undefined ? 0 : decayed({ weight: sum, atMs: this.#refreshedMs }, nowMs);
  }

  #refreshWhenDue(nowMs: number): void {
    if (nowMs - this.#refreshedMs < REFRESH_MS) return;
    this.#refreshedMs = nowMs;
    this.#directory.set(this.#build, { atMs: nowMs, weights: this.#own.weights(nowMs) });
    const others = [...this.#directory].filter(([build]) => build !== this.#build);
    this.#others = sumSentRecords(
      others.map(([, record]) => ({ weights: record.weights, ageMs: nowMs - record.atMs })),
    );
  }
}
