/** Words of a text, one after the other, without building a list where none is needed. */

import { endOfWord, skipSpace } from "./chars.js";

/** Walks over the words of a text: after `next()` answered true, the word is `text.slice(start, end)`. */
export class WordScanner {
  readonly text: string;
  start = 0;
  end = 0;

  constructor(text: string) {
    this.text = text;
  }

  next(): boolean {
    this.start = skipSpace(this.text, this.end);
    if (this.start >= this.text.length) return false;
    this.end = endOfWord(this.text, this.start);
    return true;
  }

  get word(): string {
    return this.text.slice(this.start, this.end);
  }
}

/** White space other than the blank. */
const OTHER_SPACE = /[\t-\r]/;

/** All words of `text`. */
export function wordsOf(text: string): string[] {
  const words = OTHER_SPACE.test(text) ? text.split(/[\t-\r ]+/) : text.split(" ");
  return words.includes("") ? words.filter((word) => word !== "") : words;
}

/** The words of `text`, each changed by `change`, one blank between them; an `undefined` leaves the word out. */
export function mapWords(text: string, change: (word: string) => string | undefined): string {
  const words = wordsOf(text);
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    const changed = change(words[i] ?? "");
    if (changed !== undefined) words[count++] = changed;
  }
  words.length = count;
  return words.join(" ");
}
