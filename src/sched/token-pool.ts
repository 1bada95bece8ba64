/** The right to run a job: every make has one for itself, and takes one more from the jobserver for each further job. */

import { type Cancellation } from "../base/abort.js";
import type { Token, Tokens } from "./ports.js";

/** What a job holds while it runs: a make's own right, or a token. */
export type Permit = "own" | Token;

interface Waiting {
  readonly seat: TokenSeat | undefined;
  readonly priority: number;
  readonly take: (permit: Permit) => void;
}

/**
 * The permits of all makes of one process that share a jobserver. Who waits is served by priority; among equals whoever's job has
 * just ended goes on, then the one that waits longest.
 *
 * A line that runs a make needs no permit while that make runs: what its job holds is lent to the make, as GNU make has it, which
 * takes it for its first job. From then on it is everybody's; when that make ends it takes one back, whichever that is.
 */
export class TokenPool {
  readonly #tokens: Tokens | undefined;
  readonly #waiting = new Set<Waiting>();
  /** Makes' own rights that are free, of those that have been used once. */
  #own = 0;
  /** Tokens that were taken back in the place of own rights, which are still used: they are exchanged when one is given. */
  readonly #exchanged: Token[] = [];
  /** How many are to be taken back as soon as they are given. */
  #owed = 0;
  #stopWaiting: (() => void) | undefined;

  /** @param tokens - undefined: no jobserver, permits without end */
  constructor(tokens: Tokens | undefined) {
    this.#tokens = tokens;
  }

  /** For one more make. */
  seat(): TokenSeat {
    return new TokenSeat(this);
  }

  /** Permits never run out. */
  get isEndless(): boolean {
    return this.#tokens === undefined;
  }

  /** Whether somebody waits for one. */
  get isWanted(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether one could be taken now. */
  get isFree(): boolean {
    const permit = this.tryTake();
    if (permit === "own") this.#own++;
    else if (permit !== undefined) this.#tokens?.give(permit);
    return permit !== undefined;
  }

  tryTake(): Permit | undefined {
    if (this.isWanted) return undefined;
    if (this.#own > 0) {
      this.#own--;
      return "own";
    }
    return this.#tokens?.tryTake();
  }

  /** Calls back once with a permit. @returns the way to stop waiting */
  whenFree(waiting: Waiting): () => void {
    this.#waiting.add(waiting);
    this.#stopWaiting ??= this.#tokens?.whenFree(() => this.#serve());
    return () => {
      this.#waiting.delete(waiting);
      this.#restIfIdle();
    };
  }

  /** @param seat - of the make whose job had it */
  give(permit: Permit, seat?: TokenSeat): void {
    if (this.#owed > 0) {
      this.#owed--;
      this.#keepBack(permit);
      return;
    }
    const given = permit === "own" ? (this.#exchanged.pop() ?? permit) : permit;
    const next = this.#next(seat);
    if (next !== undefined) next.take(given);
    else if (given === "own") this.#own++;
    else this.#tokens?.give(given);
  }

  /** Takes one out of use, as soon as there is one, but not later than now when cancelled: then it is owed. */
  async takeBack(cancel: Cancellation): Promise<void> {
    const free = this.tryTake();
    if (free !== undefined) this.#keepBack(free);
    else if (cancel.aborted) this.#owed++;
    else await new Promise<void>((resolve) => this.#awaitBack(cancel, resolve));
  }

  #awaitBack(cancel: Cancellation, done: () => void): void {
    const cancelled = (): void => {
      stop();
      this.#owed++;
      done();
    };
    const take = (permit: Permit): void => {
      cancel.removeEventListener("abort", cancelled);
      this.#keepBack(permit);
      done();
    };
    const stop = this.whenFree({ seat: undefined, priority: Infinity, take });
    cancel.addEventListener("abort", cancelled, { once: true });
  }

  #keepBack(permit: Permit): void {
    if (permit !== "own") this.#exchanged.push(permit);
  }

  #serve(): void {
    while (this.isWanted) {
      const token = this.#tokens?.tryTake();
      if (token === undefined) return;
      this.#next(undefined)?.take(token);
    }
  }

  #next(seat: TokenSeat | undefined): Waiting | undefined {
    let next: Waiting | undefined;
    for (const each of this.#waiting) if (next === undefined || comesBefore(each, next, seat)) next = each;
    if (next !== undefined) this.#waiting.delete(next);
    this.#restIfIdle();
    return next;
  }

  #restIfIdle(): void {
    if (this.isWanted) return;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }
}

/** Whether one that came later goes first all the same. */
function comesBefore(later: Waiting, earlier: Waiting, seat: TokenSeat | undefined): boolean {
  if (later.priority !== earlier.priority) return later.priority > earlier.priority;
  return seat !== undefined && later.seat === seat && earlier.seat !== seat;
}

/** One make's place among those that share the permits. */
export class TokenSeat {
  readonly #pool: TokenPool;
  /** Its own right has not been used yet, and is nobody else's. */
  #hasOwn = true;

  constructor(pool: TokenPool) {
    this.#pool = pool;
  }

  get isEndless(): boolean {
    return this.#pool.isEndless;
  }

  /** Whether there is a permit now. */
  get isFree(): boolean {
    return this.#hasOwn || this.#pool.isEndless || this.#pool.isFree;
  }

  /** A permit that is free now. */
  tryTake(): Permit | undefined {
    if (this.#pool.isEndless) return "own";
    if (!this.#hasOwn) return this.#pool.tryTake();
    this.#hasOwn = false;
    return "own";
  }

  /** Calls back once with a permit; larger priorities first. @returns the way to stop waiting */
  whenFree(priority: number, take: (permit: Permit) => void): () => void {
    return this.#pool.whenFree({ seat: this, priority, take });
  }

  /**
   * A job ends.
   *
   * @param end - what its end brings about: where others wait for the permit, a job that is begun by it is one of them
   */
  giveAround(permit: Permit, end: () => void): void {
    const isWanted = this.#pool.isWanted;
    if (!isWanted) this.give(permit);
    try {
      end();
    } finally {
      if (isWanted) this.give(permit);
    }
  }

  give(permit: Permit): void {
    if (!this.#pool.isEndless) this.#pool.give(permit, this);
  }

  /** The make has ended, and its right goes back to the line that ran it. */
  async leave(cancel: Cancellation): Promise<void> {
    if (!this.#hasOwn && !this.#pool.isEndless) await this.#pool.takeBack(cancel);
  }
}
