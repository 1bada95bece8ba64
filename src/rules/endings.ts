/** How far the suffixes of patterns can reach into a name from its end. */

interface State {
  readonly next: Map<number, State>;
  /** The state of the longest shorter ending; undefined at the start. */
  shorter: State | undefined;
}

/** A set of suffixes as an automaton (Aho and Corasick's) that reads names from left to right. */
export class Endings {
  readonly #start: State = { next: new Map(), shorter: undefined };

  constructor(suffixes: Iterable<string>) {
    for (const suffix of suffixes) this.#add(suffix);
    this.#link();
  }

  /**
   * The end of the name's core: the longest piece from `from` on whose last signs begin no suffix, so that no suffix
   * reaches into it whatever is put in the place of the signs behind it. `from` when there is no such piece.
   */
  coreEnd(name: string, from: number): number {
    let end = from;
    let state = this.#start;
    for (let at = from; at < name.length; at++) {
      state = this.#after(state, name.charCodeAt(at));
      if (state === this.#start) end = at + 1;
    }
    return end;
  }

  #after(state: State, sign: number): State {
    for (let from: State | undefined = state; from !== undefined; from = from.shorter) {
      const next = from.next.get(sign);
      if (next !== undefined) return next;
    }
    return this.#start;
  }

  #add(suffix: string): void {
    let state = this.#start;
    for (let at = 0; at < suffix.length; at++) {
      const sign = suffix.charCodeAt(at);
      let next = state.next.get(sign);
      if (next === undefined) {
        next = { next: new Map(), shorter: undefined };
        state.next.set(sign, next);
      }
      state = next;
    }
  }

  /** Level by level: what is shorter is linked first. */
  #link(): void {
    const level: State[] = [this.#start];
    for (const state of level) {
      for (const [sign, next] of state.next) {
        next.shorter = state.shorter === undefined ? this.#start : this.#after(state.shorter, sign);
        level.push(next);
      }
    }
  }
}
