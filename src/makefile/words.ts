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

/** All words of `text`. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const scan = new WordScanner(text); scan.next();) words.push(scan.word);
  return words;
}

/** The words of `text`, each changed by `change`, one blank between them; an `undefined` leaves the word out. */
export function mapWords(text: string, change: (word: string) => string | undefined): string {
  let out = "";
  let first = true;
  for (const scan = new WordScanner(text); scan.next();) {
    const changed = change(scan.word);
    if (changed === undefined) continue;
    if (first) first = false;
    else out += " ";
    out += changed;
  }
  return out;
}
