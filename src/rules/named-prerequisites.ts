/** Prerequisites that are known by name, but read only when somebody asks. */

import type { RulePrerequisite } from "./rule.js";

export interface NamedPrerequisitesOptions {
  /** Makes names of the text. The disk must not matter to it. */
  readonly read: (text: string) => readonly RulePrerequisite[];
  /** They are a static pattern rule's. */
  readonly ofStem: boolean;
}

const NO_NAMES: readonly RulePrerequisite[] = [];

/**
 * The names in a list of prerequisites. Most rules of a large makefile are never looked at, so their lists stay texts: that
 * takes a fraction of the time and the memory.
 */
export class NamedPrerequisites {
  readonly kind = "names";
  readonly #options: NamedPrerequisitesOptions;
  #text: string | undefined;
  #names: readonly RulePrerequisite[] = NO_NAMES;

  constructor(text: string, options: NamedPrerequisitesOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** The list as written; undefined once it has been read. */
  get text(): string | undefined {
    return this.#text;
  }

  get ofStem(): boolean {
    return this.#options.ofStem;
  }

  get names(): readonly RulePrerequisite[] {
    if (this.#text !== undefined) this.#names = this.#options.read(this.#text);
    this.#text = undefined;
    return this.#names;
  }
}

/** Wildcards and `~` are looked up when the makefile is read; `.WAIT` and archive members may leave no name. */
const AT_ONCE = /[*?[~(]|\.WAIT/;
/** A name: anything but blanks and the `|` before order-only prerequisites. */
const NAME = /[^ \t\v\f\r|]/;

/** Whether it matters when a list of prerequisites is read, or only reading it tells whether it names anything. */
export function mattersAtOnce(text: string): boolean {
  return AT_ONCE.test(text);
}

/** Whether a list that may wait names anything. */
export function namesAnything(text: string): boolean {
  return NAME.test(text);
}
