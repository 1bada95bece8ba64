/** Functions for substitution and filtering: subst, patsubst, strip, findstring, filter, filter-out, sort. */

import type { BuiltinFunction } from "../model.js";
import { matches, parsePattern, type Pattern } from "../pattern.js";
import { mapWords, WordScanner, wordsOf } from "../words.js";

export const TEXT_FUNCTIONS: readonly BuiltinFunction[] = [
  {
    name: "subst",
    minimum: 3,
    maximum: 3,
    kind: "text",
    run: ([from = "", to = "", text = ""]) => subst(text, from, to),
  },
  {
    name: "patsubst",
    minimum: 3,
    maximum: 3,
    kind: "text",
    run: ([from = "", to = "", text = ""]) => patsubst(text, from, to),
  },
  { name: "strip", minimum: 0, maximum: 1, kind: "text", run: ([text = ""]) => wordsOf(text).join(" ") },
  {
    name: "findstring",
    minimum: 2,
    maximum: 2,
    kind: "text",
    run: ([wanted = "", text = ""]) => (text.includes(wanted) ? wanted : ""),
  },
  {
    name: "filter",
    minimum: 2,
    maximum: 2,
    kind: "text",
    run: ([patterns = "", text = ""]) => filter(patterns, text, true),
  },
  {
    name: "filter-out",
    minimum: 2,
    maximum: 2,
    kind: "text",
    run: ([patterns = "", text = ""]) => filter(patterns, text, false),
  },
  { name: "sort", minimum: 0, maximum: 1, kind: "text", run: ([text = ""]) => sortWords(text) },
];

/** Every occurrence of `from` replaced; an empty `from` is found once, at the end. */
function subst(text: string, from: string, to: string): string {
  if (from === "") return text + to;
  let found = text.indexOf(from);
  if (found < 0) return text;
  let out = "";
  let kept = 0;
  while (found >= 0) {
    out += text.slice(kept, found) + to;
    kept = found + from.length;
    found = text.indexOf(from, kept);
  }
  return out + text.slice(kept);
}

/** A pattern without `%` is a word, replaced where it stands: the blanks between words are left alone. */
function patsubst(text: string, from: string, to: string): string {
  const pattern = parsePattern(from);
  const replacement = parsePattern(to);
  if (pattern.wildcard) return patternSubstitute(text, pattern, replacement);
  const { wildcard, prefix, suffix } = replacement;
  return replaceWord(text, pattern.prefix, wildcard ? `${prefix}%${suffix}` : prefix);
}

function replaceWord(text: string, word: string, to: string): string {
  let out = "";
  let kept = 0;
  for (const scan = new WordScanner(text); scan.next();) {
    if (scan.word !== word) continue;
    out += text.slice(kept, scan.start) + to;
    kept = scan.end;
  }
  return out + text.slice(kept);
}

/** `patsubst` on every word: the stem goes in the place of the replacement's `%`. An empty replacement takes the word away. */
export function patternSubstitute(text: string, pattern: Pattern, replacement: Pattern): string {
  const removes = !replacement.wildcard && replacement.prefix === "";
  const words = wordsOf(text);
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!matches(pattern, word)) words[count++] = word;
    else if (!removes) words[count++] = substituted(word, pattern, replacement);
  }
  words.length = count;
  return words.join(" ");
}

/** What takes the place of a word that matches. */
function substituted(word: string, pattern: Pattern, replacement: Pattern): string {
  if (!replacement.wildcard) return replacement.prefix;
  const stem = word.slice(pattern.prefix.length, word.length - pattern.suffix.length);
  return replacement.prefix + stem + replacement.suffix;
}

/** What a `$(name:from=to)` does: `from` without `%` means a suffix. */
export function substitutionOf(from: string, to: string): { readonly pattern: Pattern; readonly replacement: Pattern } {
  const pattern = parsePattern(from);
  if (pattern.wildcard) return { pattern, replacement: parsePattern(to) };
  return {
    pattern: { wildcard: true, prefix: "", suffix: pattern.prefix },
    replacement: { wildcard: true, prefix: "", suffix: to },
  };
}

function filter(patterns: string, text: string, keep: boolean): string {
  const wildcards: Pattern[] = [];
  const literals = new Set<string>();
  for (const word of wordsOf(patterns)) {
    const pattern = parsePattern(word);
    if (pattern.wildcard) wildcards.push(pattern);
    else literals.add(pattern.prefix);
  }
  const [only] = wildcards;
  const anyWildcard =
    wildcards.length === 1 && only !== undefined
      ? (word: string) => matches(only, word)
      : (word: string) => wildcards.some((pattern) => matches(pattern, word));
  return mapWords(text, (word) => ((literals.has(word) || anyWildcard(word)) === keep ? word : undefined));
}

/** In byte order, each word once. */
function sortWords(text: string): string {
  const words = wordsOf(text);
  // What sort() does by itself is right for ASCII. As GNU make has it, words that begin with other bytes go first.
  words.sort(isAscii(text) ? undefined : bySignedStart);
  return [...new Set(words)].join(" ");
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** The first byte counts as signed, the others do not. */
function bySignedStart(a: string, b: string): number {
  const [x, y] = [a.charCodeAt(0), b.charCodeAt(0)];
  if (x !== y) return (x > 127 ? x - 256 : x) - (y > 127 ? y - 256 : y);
  return a < b ? -1 : a > b ? 1 : 0;
}
