/** When a node asks for further slots for a job, and when it gives them back: by what can be seen of the job's FIFO. */

/** The jobserver's FIFO of one job. Real: os/token-fifo.ts. In tests: test/rig/fake-token-fifo.ts. */
export interface TokenFifo {
  /** Whether a program has it open, to read from it. */
  isOpen(): boolean;
  /** Tokens that lie in it. */
  count(): number;
  /** Takes tokens out of it. @returns how many: programs take some, too */
  take(most: number): number;
  /** Puts one in. @returns false when there is nobody to read it */
  put(): boolean;
}

/** What is said to the session, which answers the first with a slot, some time. */
export interface LeaseTalk {
  ask(): void;
  giveBack(): void;
}

/** A job that is younger is not looked at, nor is any more often while nothing happens. */
export const CALM_MS = 100;
/** While programs take tokens: each of them is followed by the next one as soon as there is one. */
export const LIVELY_MS = 20;
/** For so long after a token was taken, or came. */
const LIVELY_FOR_MS = 500;
/** A token that lies unused for so long goes back. */
export const IDLE_MS = 250;
/** After that none is asked for, at first for so long, and for twice as long each time, as long as none is taken. */
export const REST_MS = 100;
const MAX_REST_MS = 1600;

/**
 * Asks for one slot at a time while somebody has the FIFO open and no token lies in it, and puts a token in for each slot that comes. What
 * lies there too long goes back: it is nobody's, or a program has returned it. When nobody has the FIFO open all go back: who held
 * tokens has ended. All times are milliseconds on a clock that only goes on.
 */
export class LeaseKeeper {
  readonly #fifo: TokenFifo;
  readonly #talk: LeaseTalk;
  #leases = 0;
  #isAsking = false;
  /** Tokens that lay there at the last look. */
  #seen = 0;
  /** Since when, and the least that lay there since then: these are unused. */
  #idle: { readonly sinceMs: number; readonly least: number } | undefined;
  #restMs = REST_MS;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #lively = Number.NEGATIVE_INFINITY;

  constructor(fifo: TokenFifo, talk: LeaseTalk) {
    this.#fifo = fifo;
    this.#talk = talk;
  }

  /** @returns when to look again, in milliseconds from now */
  look(nowMs: number): number {
    if (!this.#fifo.isOpen()) {
      this.#reset();
      return CALM_MS;
    }
    const unused = this.#unused();
    if (unused < this.#seen) this.#taken(nowMs);
    if (unused === 0) this.#askAt(nowMs);
    else this.#idleAt(nowMs, unused);
    return nowMs - this.#lively < LIVELY_FOR_MS ? LIVELY_MS : CALM_MS;
  }

  /** The slot that was asked for is there. @returns as `look` */
  granted(nowMs: number): number {
    this.#isAsking = false;
    if (!this.#fifo.isOpen() || !this.#fifo.put()) {
      this.#talk.giveBack();
      return CALM_MS;
    }
    this.#leases++;
    this.#seen++;
    this.#idle ??= { sinceMs: nowMs, least: this.#seen };
    this.#lively = nowMs;
    return LIVELY_MS;
  }

  /** What programs have put in beyond what was leased means nothing, and is not kept. */
  #unused(): number {
    const count = this.#fifo.count();
    if (count > this.#leases) this.#fifo.take(count - this.#leases);
    return Math.min(count, this.#leases);
  }

  #taken(nowMs: number): void {
    this.#lively = nowMs;
    this.#restMs = REST_MS;
    this.#restUntilMs = nowMs;
  }

  #askAt(nowMs: number): void {
    this.#seen = 0;
    this.#idle = undefined;
    if (this.#isAsking || nowMs < this.#restUntilMs) return;
    this.#isAsking = true;
    this.#talk.ask();
  }

  #idleAt(nowMs: number, unused: number): void {
    this.#seen = unused;
    const { sinceMs, least } = this.#idle ?? { sinceMs: nowMs, least: unused };
    this.#idle = { sinceMs, least: Math.min(least, unused) };
    if (nowMs - sinceMs < IDLE_MS) return;
    const back = this.#fifo.take(this.#idle.least);
    this.#idle = undefined;
    this.#seen = unused - back;
    this.#giveBack(back);
    if (this.#seen > 0) return;
    this.#restUntilMs = nowMs + this.#restMs;
    this.#restMs = Math.min(2 * this.#restMs, MAX_REST_MS);
  }

  #reset(): void {
    this.#seen = 0;
    this.#idle = undefined;
    this.#restMs = REST_MS;
    this.#restUntilMs = Number.NEGATIVE_INFINITY;
    if (this.#leases === 0) return;
    this.#fifo.take(this.#fifo.count());
    this.#giveBack(this.#leases);
  }

  #giveBack(count: number): void {
    this.#leases -= count;
    for (let left = count; left > 0; left--) this.#talk.giveBack();
  }
}
