/** Chance that can be had again: everything the fuzzer draws comes from one seed. */

/** A source of draws; the same seed gives the same draws. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A fraction, 0 included, 1 not (mulberry32). */
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number below `limit`. */
  below(limit) {
    return Math.floor(this.fraction() * limit);
  }

  /** A whole number, both ends included. */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  chance(probability) {
    return this.fraction() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** `count` draws of `make`, as a list. */
  several(low, high, make) {
    return Array.from({ length: this.between(low, high) }, make);
  }

  /** Calls one of `[weight, make]`, chosen by weight. */
  weighted(choices) {
    let left = this.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of choices) {
      left -= weight;
      if (left < 0) return make();
    }
    return choices.at(-1)[1]();
  }
}
