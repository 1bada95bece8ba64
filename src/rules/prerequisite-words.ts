/** Words of a prerequisite text that is yet to be expanded for the second time. */

import { BACKSLASH, DOLLAR, endOfWord, isSpace, skipSpace } from "../makefile/chars.js";

/** Puts `stem` for the first `%` of every word that no backslash quotes; any blank parts words, also inside `$(…)`. */
export function substituteStem(text: string, stem: string): string {
  if (!text.includes("%")) return text;
  let out = "";
  let from = 0;
  for (let start = skipSpace(text, 0); start < text.length;) {
    const end = endOfWord(text, start);
    out += text.slice(from, start) + substituteWord(text.slice(start, end), stem);
    from = end;
    start = skipSpace(text, end);
  }
  return out + text.slice(from);
}

/** The words of the text, where blanks inside `$(…)` part none: each can be expanded by itself. */
export function expandableWords(text: string): string[] {
  const words: string[] = [];
  for (let start = skipSpace(text, 0); start < text.length;) {
    const end = endOfRawWord(text, start);
    words.push(text.slice(start, end));
    start = skipSpace(text, end);
  }
  return words;
}

/** Puts `stem` for the first `%` of one word; backslashes that quote a `%` go away. */
export function substituteWord(word: string, stem: string): string {
  let out = "";
  let from = 0;
  for (let at = word.indexOf("%"); at >= 0; at = word.indexOf("%", at + 1)) {
    let slash = at;
    while (slash > from && word.charCodeAt(slash - 1) === BACKSLASH) slash--;
    out += word.slice(from, slash) + "\\".repeat((at - slash) >> 1);
    if (((at - slash) & 1) === 0) return out + stem + word.slice(at + 1);
    out += "%";
    from = at + 1;
  }
  return out + word.slice(from);
}

function endOfRawWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isSpace(text.charCodeAt(at))) {
    at = text.charCodeAt(at) === DOLLAR ? endOfReference(text, at) : at + 1;
  }
  return at;
}

function endOfReference(text: string, dollar: number): number {
  const open = text.charAt(dollar + 1);
  if (open !== "(" && open !== "{") return Math.min(dollar + 2, text.length);
  const close = open === "(" ? ")" : "}";
  let depth = 0;
  for (let at = dollar + 1; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === open) depth++;
    else if (sign === close && --depth === 0) return at + 1;
  }
  return text.length;
}
