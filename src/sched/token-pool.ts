/** The right to run a job: every make has one for itself, and takes one more from the jobserver for each further job. */

import type { Token, Tokens } from "./ports.js";

/** What a job holds while it runs: the make's own right, or a token. */
export type Permit = "own" | Token;

/** Hands out permits in the order in which they were asked for; an ended job's goes to the next in line. */
export class TokenPool {
  readonly #tokens: Tokens | undefined;
  readonly #waiting = new Set<(permit: Permit) => void>();
  #ownIsFree = true;
  #stopWaiting: (() => void) | undefined;

  /** @param tokens - undefined: no jobserver, permits without end */
  constructor(tokens: Tokens | undefined) {
    this.#tokens = tokens;
  }

  /** A permit that is free now. */
  tryTake(): Permit | undefined {
    if (this.#tokens === undefined) return "own";
    if (this.#waiting.size > 0) return undefined;
    if (this.#ownIsFree) {
      this.#ownIsFree = false;
      return "own";
    }
    return this.#tokens.tryTake();
  }

  /** Calls back once with a permit. @returns the way to stop waiting */
  whenFree(listener: (permit: Permit) => void): () => void {
    this.#waiting.add(listener);
    this.#stopWaiting ??= this.#tokens?.whenFree(() => this.#serve());
    return () => {
      this.#waiting.delete(listener);
      this.#restIfIdle();
    };
  }

  give(permit: Permit): void {
    if (this.#tokens === undefined) return;
    const next = this.#next();
    if (next !== undefined) next(permit);
    else if (permit === "own") this.#ownIsFree = true;
    else this.#tokens.give(permit);
  }

  #serve(): void {
    while (this.#waiting.size > 0) {
      const token = this.#tokens?.tryTake();
      if (token === undefined) return;
      this.#next()?.(token);
    }
  }

  #next(): ((permit: Permit) => void) | undefined {
    const [next] = this.#waiting;
    if (next !== undefined) this.#waiting.delete(next);
    this.#restIfIdle();
    return next;
  }

  #restIfIdle(): void {
    if (this.#waiting.size > 0) return;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }
}
