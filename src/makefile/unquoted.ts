/** Signs that no backslash quotes, inside and outside of references. */

import { backslashesBefore, CLOSE_BRACE, CLOSE_PAREN, DOLLAR, OPEN_BRACE, OPEN_PAREN } from "./chars.js";

/** Where the first `sign` stands that no backslash quotes; -1 when there is none. */
export function unquotedIndex(text: string, sign: number, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text.charCodeAt(i) === sign && (backslashesBefore(text, i, from) & 1) === 0) return i;
  }
  return -1;
}

/** The text before the first unquoted stop, its quoting backslashes dropped, and where that stop stands in the whole. */
export interface Cut {
  readonly head: string;
  /** Place of the stop in the text given; its length when there is none. */
  readonly end: number;
}

/**
 * Cuts `text` at the first sign of `stops` that no backslash quotes. Backslashes before stops are halved, the odd one goes.
 * With `skipReferences`, what stands between the parentheses of a reference is passed over.
 */
export function cutUnquoted(text: string, stops: string, skipReferences: boolean): Cut {
  let head = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOLLAR && skipReferences) {
      i = endOfReference(text, i) - 1;
      continue;
    }
    if (!stops.includes(text.charAt(i))) continue;
    const count = backslashesBefore(text, i, from);
    if (count === 0) return { head: head + text.slice(from, i), end: i };
    head += text.slice(from, i - count) + "\\".repeat(count >> 1);
    from = i;
    if ((count & 1) === 0) return { head, end: i };
  }
  return { head: from === 0 ? text : head + text.slice(from), end: text.length };
}

/**
 * The place behind the reference whose `$` stands at `dollar`: behind its closing parenthesis, or behind its one sign.
 * An unclosed reference reaches to the end.
 */
export function endOfReference(text: string, dollar: number): number {
  const open = text.charCodeAt(dollar + 1);
  if (open !== OPEN_PAREN && open !== OPEN_BRACE) return Math.min(dollar + 2, text.length);
  const close = open === OPEN_PAREN ? CLOSE_PAREN : CLOSE_BRACE;
  let depth = 1;
  for (let i = dollar + 2; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === open) depth++;
    else if (code === close && --depth === 0) return i + 1;
  }
  return text.length;
}
