/** Nodes that are ours until a time only, by a scheduler's leave: which of them may still begin a job. */

import { hasTime } from "../placement/deadline.js";
import type { PlacementOptions } from "./placement-options.js";

export class EndingNodes {
  readonly #options: Pick<PlacementOptions, "observe" | "nowMs">;
  /** Ends that the user has read of. */
  readonly #told = new Set<number>();

  constructor(options: Pick<PlacementOptions, "observe" | "nowMs">) {
    this.#options = options;
  }

  /**
   * Whether a job is likely to end there in time.
   *
   * @param expectedMs - what it takes, or jobs usually do
   */
  hasTime(endsAtMs: number, expectedMs: number): boolean {
    const nowMs = this.#options.nowMs();
    if (hasTime({ endsAtMs, nowMs, expectedMs })) return true;
    this.#tell(endsAtMs, nowMs);
    return false;
  }

  #tell(endsAtMs: number, nowMs: number): void {
    if (this.#told.has(endsAtMs)) return;
    this.#told.add(endsAtMs);
    const left = Math.max(0, Math.round((endsAtMs - nowMs) / 1000));
    const text = `the allocation ends in ${String(left)} s: nothing that may take longer is begun there`;
    this.#options.observe({ type: "message", stream: "stderr", text });
  }
}
