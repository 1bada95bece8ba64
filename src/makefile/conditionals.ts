/** The conditionals open while a text is read: which lines count. */

import type { Location } from "../base/location.js";
import { MakefileError } from "../base/location.js";

/**
 * One `if … endif`:
 *
 *     waiting ──true──▶ taken ──else──▶ done
 *        └─else─(test)─┘
 */
interface OpenConditional {
  state: "waiting" | "taken" | "done";
  seenElse: boolean;
}

export class Conditionals {
  readonly #open: OpenConditional[] = [];
  #ignoring = false;

  /** Whether the lines read now are passed over. */
  get ignoring(): boolean {
    return this.#ignoring;
  }

  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** An `if`; `test` is asked only where lines count. */
  begin(test: () => boolean): void {
    const state = this.ignoring ? "done" : test() ? "taken" : "waiting";
    this.#open.push({ state, seenElse: false });
    if (state !== "taken") this.#ignoring = true;
  }

  /** An `else`; `test`: of an `else if…`. @throws MakefileError when there is nothing to be the other part of. */
  otherwise(test: (() => boolean) | undefined, at: Location | undefined): void {
    const open = this.#open[this.#open.length - 1];
    if (open === undefined) throw new MakefileError(at, "extraneous 'else'");
    if (open.seenElse) throw new MakefileError(at, "only one 'else' per conditional");
    if (test === undefined) open.seenElse = true;
    if (open.state === "taken") open.state = "done";
    else if (open.state === "waiting" && !this.#outerIgnores() && (test === undefined || test())) open.state = "taken";
    this.#ignoring = open.state !== "taken" || this.#outerIgnores();
  }

  /** Whether the condition of an `else if…` read now would be looked at. */
  get nextElseCounts(): boolean {
    return this.#open[this.#open.length - 1]?.state === "waiting" && !this.#outerIgnores();
  }

  /** An `endif`. @throws MakefileError when nothing is open. */
  end(at: Location | undefined): void {
    if (this.#open.pop() === undefined) throw new MakefileError(at, "extraneous 'endif'");
    this.#ignoring = this.#open.some(({ state }) => state !== "taken");
  }

  #outerIgnores(): boolean {
    for (let i = 0; i < this.#open.length - 1; i++) if (this.#open[i]?.state !== "taken") return true;
    return false;
  }
}
