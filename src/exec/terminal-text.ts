/** What a node's terminal made of a recipe's output, made what the recipe wrote again: our own terminal does the same to it. */

import type { Terminal } from "../wire/descriptor.js";

const CR = 13;
const NEWLINE = 10;
const OPOST = 1;
const ONLCR = 4;

export class TerminalText {
  readonly #isTranslated: boolean;
  #holdsReturn = false;

  constructor(terminal: Terminal | undefined) {
    const output = terminal?.flags[1] ?? 0;
    this.#isTranslated = (output & OPOST) !== 0 && (output & ONLCR) !== 0;
  }

  /** Takes the carriage return away that each newline was given. One at the end is kept until it is known what follows. */
  take(bytes: Uint8Array): Uint8Array {
    if (!this.#isTranslated) return bytes;
    const text = this.#holdsReturn ? Uint8Array.from([CR, ...bytes]) : bytes;
    this.#holdsReturn = text.at(-1) === CR;
    const end = this.#holdsReturn ? text.length - 1 : text.length;
    return text.subarray(0, end).filter((byte, i) => byte !== CR || text[i + 1] !== NEWLINE);
  }

  /** What was kept. */
  rest(): Uint8Array {
    const rest = this.#holdsReturn ? Uint8Array.of(CR) : new Uint8Array();
    this.#holdsReturn = false;
    return rest;
  }
}
