/** Chance that comes out the same for the same seed, on every machine. */

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, but not, 1: the mulberry32 generator. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, but not, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** One of these. */
  of<T>(all: readonly [T, ...T[]]): T {
    return all[this.below(all.length)] ?? all[0];
  }

  /** Waiting times of this mean, without memory. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Heavy-tailed job lengths: log-normal. */
  logNormal(median: number, sigma: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(sigma * normal);
  }

  shuffled<T>(all: readonly T[]): T[] {
    const copy = [...all];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const [one, two] = [copy[last] as T, copy[other] as T];
      copy[last] = two;
      copy[other] = one;
    }
    return copy;
  }
}
