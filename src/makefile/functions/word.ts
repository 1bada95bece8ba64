/** Functions that pick words: word, wordlist, words, firstword, lastword. */

import { trimSpace } from "../chars.js";
import type { BuiltinFunction, FunctionCall } from "../model.js";
import { WordScanner, wordsOf } from "../words.js";

export const WORD_FUNCTIONS: readonly BuiltinFunction[] = [
  { name: "word", minimum: 2, maximum: 2, kind: "call", run: word },
  { name: "wordlist", minimum: 3, maximum: 3, kind: "call", run: wordlist },
  { name: "words", minimum: 0, maximum: 1, kind: "text", run: ([text = ""]) => String(countWords(text)) },
  { name: "firstword", minimum: 0, maximum: 1, kind: "text", run: ([text = ""]) => nthWord(text, 1) },
  { name: "lastword", minimum: 0, maximum: 1, kind: "text", run: ([text = ""]) => lastWord(text) },
];

const LARGEST = 9223372036854775807n;

function word([index = "", text = ""]: readonly string[], call: FunctionCall): string {
  const wanted = parseCount(index, "invalid first argument to 'word' function", call);
  if (wanted <= 0) call.language.fail("first argument to 'word' function must be greater than 0");
  return nthWord(text, wanted);
}

function wordlist([first = "", last = "", text = ""]: readonly string[], call: FunctionCall): string {
  const badFirst = "invalid first argument to 'wordlist' function";
  const badLast = "invalid second argument to 'wordlist' function";
  const from = parseCount(first, badFirst, call);
  if (from < 1) call.language.fail(`${badFirst}: '${first}'`);
  const to = parseCount(last, badLast, call);
  if (to < 0) call.language.fail(`${badLast}: '${last}'`);
  return sliceWords(text, from, to);
}

/**
 * A decimal number, white space around it allowed; exact as far as there can be words to count.
 * @throws MakefileError with `message` and what is wrong with it
 */
function parseCount(text: string, message: string, call: FunctionCall): number {
  const digits = trimSpace(text);
  if (digits === "") call.language.fail(`${message}: empty value`);
  if (!/^[-+]?[0-9]+$/.test(digits)) call.language.fail(`${message}: '${text}'`);
  const value = BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
  if (value > LARGEST || value < -LARGEST - 1n) call.language.fail(`${message}: '${text}' out of range`);
  return Number(value);
}

function nthWord(text: string, wanted: number): string {
  let left = wanted;
  for (const scan = new WordScanner(text); scan.next();) {
    left--;
    if (left === 0) return scan.word;
  }
  return "";
}

/** The words from one to the other, with the white space between them as it stands. */
function sliceWords(text: string, from: number, to: number): string {
  let index = 0;
  let start = -1;
  let end = -1;
  for (const scan = new WordScanner(text); index < to && scan.next();) {
    index++;
    if (index === from) start = scan.start;
    end = scan.end;
  }
  return start < 0 ? "" : text.slice(start, end);
}

function countWords(text: string): number {
  return wordsOf(text).length;
}

function lastWord(text: string): string {
  const words = wordsOf(text);
  return words[words.length - 1] ?? "";
}
