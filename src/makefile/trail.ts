/** What the steps of something that is done again and again, each time a little further, came to. */

/**
 * Steps lie in steps. Of those that are done the result is kept, of those under way where they began; what lies within a step that is done
 * is forgotten, so that a trail is as long as what would be on the stack. Here `a` and `c` are done, `b` is under way, and in it `d`:
 *
 *     results   a  │ c  │            steps under way   b begins behind 1 result, d behind 2
 *                  b    d
 *
 *            enter: begins a step            leave: it is done
 *     ┌─────┐ ──────────────────────→ ┌───────┐
 *     │ new │ ←────────────────────── │ in it │       rewind: all begins anew; `enter` then finds what was done,
 *     └─────┘                         └───────┘       or goes into what was under way
 */
export class Trail {
  /** What the step came to that `enter` found done. */
  known: unknown = undefined;
  readonly #results: unknown[] = [];
  /** How many results there were when each of the steps under way began, the outermost first. */
  readonly #starts: number[] = [];
  /** In how many of these we are. */
  #depth = 0;
  /** How many results have been passed. */
  #next = 0;

  /** Nothing is known. */
  clear(): void {
    this.#results.length = 0;
    this.#starts.length = 0;
    this.rewind();
  }

  /** It is begun anew. */
  rewind(): void {
    this.#depth = 0;
    this.#next = 0;
  }

  /** The next step begins. @returns whether it was done before: then `known` is what it came to, and it is not to be done */
  enter(): boolean {
    const starts = this.#starts;
    const isUnderWay = this.#depth < starts.length;
    const done = isUnderWay ? (starts[this.#depth] ?? 0) : this.#results.length;
    if (this.#next < done) {
      this.known = this.#results[this.#next++];
      return true;
    }
    if (!isUnderWay) starts.push(done);
    this.#depth++;
    return false;
  }

  /** The step entered last is done. @returns what it came to */
  leave<T>(result: T): T {
    const results = this.#results;
    const start = this.#starts[--this.#depth] ?? 0;
    this.#starts.length = this.#depth;
    results.length = start;
    results.push(result);
    this.#next = start + 1;
    return result;
  }
}
