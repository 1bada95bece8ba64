/** How far another machine's clock is from ours, from four timestamps an exchange. */

/** Times in milliseconds: ours, theirs, theirs, ours. */
export interface ClockExchange {
  readonly askedMs: number;
  readonly receivedMs: number;
  readonly answeredMs: number;
  readonly gotMs: number;
}

interface Sample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

/** Old exchanges are forgotten, so that a clock that is put right is believed. */
const KEPT = 16;

/** A round trip shorter than nothing: a clock was set while it lasted, and the exchange says nothing. */
const STEP_MS = 0.5;

/** Keeps the latest exchanges; the one with the least round trip is believed. */
export class ClockOffset {
  #samples: readonly Sample[] = [];

  add({ askedMs, receivedMs, answeredMs, gotMs }: ClockExchange): void {
    const offsetMs = (receivedMs - askedMs + (answeredMs - gotMs)) / 2;
    const roundTripMs = gotMs - askedMs - (answeredMs - receivedMs);
    if (roundTripMs < -STEP_MS) return;
    this.#samples = [...this.#samples.slice(1 - KEPT), { offsetMs, roundTripMs }];
  }

  /** Their clock minus ours; wrong by half of `roundTripMs` at most. 0 before any exchange. */
  get offsetMs(): number {
    return this.#best()?.offsetMs ?? 0;
  }

  get roundTripMs(): number {
    return Math.max(0, this.#best()?.roundTripMs ?? 0);
  }

  #best(): Sample | undefined {
    let best: Sample | undefined;
    for (const sample of this.#samples) if (best === undefined || sample.roundTripMs <= best.roundTripMs) best = sample;
    return best;
  }
}
