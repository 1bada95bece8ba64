/**
 * File systems that stamp in whole seconds. A file that is changed in the second in which a target was made looks no newer than that
 * target, and the next build would leave the target as it is.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Receipt } from "../sched/job.js";

const NS_PER_SECOND = 1_000_000_000n;
const MS_PER_SECOND = 1000;

/** What a build has written, as far as it matters here. */
export class CoarseStamps {
  #isCoarse = false;
  #isFine = false;
  #wroteMs = 0;

  /** A job has ended. */
  wrote(receipts: readonly Receipt[]): void {
    for (const { stat } of receipts) {
      if (stat === undefined) continue;
      if (stat.mtimeNs % NS_PER_SECOND === 0n) this.#isCoarse = true;
      else this.#isFine = true;
      this.#wroteMs = performance.now();
    }
  }

  /** Resolves when the second in which something was written last is over, by whatever clock; at once where stamps are finer. */
  async passed(): Promise<void> {
    if (!this.#isCoarse || this.#isFine) return;
    const leftMs = (): number => this.#wroteMs + MS_PER_SECOND - performance.now();
    while (leftMs() > 0) await pause(Math.ceil(leftMs())); // a timer may be early
  }
}
