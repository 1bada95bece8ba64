/** The further slots of one job, seen by either side: what may be said of them when. */

import { MAX_LEASES } from "./limits.js";
import { WireError } from "./wire-error.js";

/** What is said of them: by the node that it wants one, by the client that it has it, by the node that it has it no more. */
export type SlotWord = "slot-wanted" | "slot" | "slot-back";

/**
 *     idle ── slot-wanted ──▶ wanted ── slot ──▶ idle, one slot more
 *     slot-back: one slot less, where there is one
 */
export class SlotLeases {
  readonly #isShared: boolean;
  #isWanted = false;
  #granted = 0;

  /** @param isShared - the client has said that there may be any */
  constructor(isShared: boolean) {
    this.#isShared = isShared;
  }

  /** The other side said something. @throws WireError */
  received(word: SlotWord): void {
    if (!this.#moves(word)) throw new WireError(`${word} at a time when it means nothing`);
  }

  /** We are about to say something. @returns whether it means anything */
  isNews(word: SlotWord): boolean {
    return this.#moves(word);
  }

  #moves(word: SlotWord): boolean {
    switch (word) {
      case "slot-wanted":
        if (!this.#isShared || this.#isWanted || this.#granted >= MAX_LEASES) return false;
        this.#isWanted = true;
        return true;
      case "slot":
        if (!this.#isWanted) return false;
        this.#isWanted = false;
        this.#granted++;
        return true;
      case "slot-back":
        if (this.#granted === 0) return false;
        this.#granted--;
        return true;
    }
  }
}
