/** Patterns with one `%`, as `patsubst`, `filter`, substitution references and pattern-specific variables use them. */

import { BACKSLASH, PERCENT } from "./chars.js";

/** A word pattern. Without a `%` only the word equal to `prefix` matches. */
export interface Pattern {
  readonly wildcard: boolean;
  readonly prefix: string;
  readonly suffix: string;
}

/** Reads a pattern: the first `%` that no backslash quotes is its wildcard; the backslashes that quote are dropped. */
export function parsePattern(text: string): Pattern {
  const simple = text.indexOf("%");
  if (simple < 0) return { wildcard: false, prefix: text, suffix: "" };
  if (simple === 0 || text.charCodeAt(simple - 1) !== BACKSLASH) {
    return { wildcard: true, prefix: text.slice(0, simple), suffix: text.slice(simple + 1) };
  }
  return parseQuotedPattern(text);
}

/** The text that a match of `pattern` puts in the place of `%`; undefined when `word` does not match. */
export function stemOf(pattern: Pattern, word: string): string | undefined {
  const { prefix, suffix } = pattern;
  if (!pattern.wildcard) return word === prefix ? "" : undefined;
  if (word.length < prefix.length + suffix.length) return undefined;
  if (!word.startsWith(prefix) || !word.endsWith(suffix)) return undefined;
  return word.slice(prefix.length, word.length - suffix.length);
}

/** Whether `word` matches; cheaper than asking for the stem. */
export function matches(pattern: Pattern, word: string): boolean {
  if (!pattern.wildcard) return word === pattern.prefix;
  return (
    word.length >= pattern.prefix.length + pattern.suffix.length &&
    word.startsWith(pattern.prefix) &&
    word.endsWith(pattern.suffix)
  );
}

/** Whether a name holds a `%` that no backslash quotes, and so is a pattern. */
export function isPattern(text: string): boolean {
  return text.includes("%") && parsePattern(text).wildcard;
}

function parseQuotedPattern(text: string): Pattern {
  let kept = "";
  let from = 0;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at + 1)) {
    let slash = at;
    while (slash > from && text.charCodeAt(slash - 1) === BACKSLASH) slash--;
    const count = at - slash;
    kept += text.slice(from, slash) + "\\".repeat(count >> 1);
    if ((count & 1) === 0) return { wildcard: true, prefix: kept, suffix: text.slice(at + 1) };
    kept += String.fromCharCode(PERCENT);
    from = at + 1;
  }
  return { wildcard: false, prefix: kept + text.slice(from), suffix: "" };
}
