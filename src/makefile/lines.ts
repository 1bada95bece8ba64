/** Physical and logical lines: where they end, how continued ones are joined, where comments begin. */

import { BACKSLASH, backslashesBefore, isBlank, OPEN_BRACE, OPEN_PAREN, skipBlanks } from "./chars.js";
import { cutUnquoted, endOfReference } from "./unquoted.js";

/** Walks over the logical lines of a text, a line continued by backslash-newlines being one. */
export class LineCursor {
  readonly text: string;
  /** Where the line begins. */
  start = 0;
  /** Where it ends, its newline left out. */
  end = -1;
  /** The number of its first physical line, counted from 1. */
  number = 0;
  /** The number of its last one. */
  lastNumber = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** It is several physical lines. */
  get isJoined(): boolean {
    return this.lastNumber > this.number;
  }

  /** The line as written. */
  get current(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Goes on to the next line. @returns false when there is none */
  next(): boolean {
    const start = this.end + 1;
    if (start >= this.text.length) return false;
    this.start = start;
    this.number = ++this.lastNumber;
    let end = endOfPhysicalLine(this.text, start);
    while (this.text.charCodeAt(end - 1) === BACKSLASH && isContinued(this.text, end, start)) {
      end = endOfPhysicalLine(this.text, end + 1);
      this.lastNumber++;
    }
    this.end = end;
    return true;
  }
}

function endOfPhysicalLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline < 0 ? text.length : newline;
}

function isContinued(text: string, newline: number, from: number): boolean {
  return newline < text.length && (backslashesBefore(text, newline, from) & 1) === 1;
}

/**
 * Joins continuation lines: each backslash-newline, with the blanks around it, becomes one blank. With `keepBlanksBefore`
 * (POSIX) the blanks before the backslash stay. Of several backslashes before the newline, every two become one.
 */
export function joinContinuations(line: string, keepBlanksBefore: boolean): string {
  let newline = line.indexOf("\n");
  if (newline < 0) return line;
  let out = "";
  let from = 0;
  let endsWithOurBlank = false;
  for (; newline >= 0; newline = line.indexOf("\n", newline + 1)) {
    const count = backslashesBefore(line, newline, from);
    let end = newline - count;
    const kept = "\\".repeat(count >> 1);
    if (!keepBlanksBefore && kept === "") while (end > from && isBlank(line.charCodeAt(end - 1))) end--;
    const added = line.slice(from, end) + kept;
    if (added !== "" || keepBlanksBefore || !endsWithOurBlank) out += added + " ";
    endsWithOurBlank = true;
    from = skipBlanks(line, newline + 1);
  }
  return out + line.slice(from);
}

/** The line without its comment. A `#` within a reference, or quoted by a backslash, begins none; the quoting backslash goes. */
export function removeComment(line: string): string {
  return line.includes("#") ? cutUnquoted(line, "#", true).head : line;
}

/**
 * A recipe line as it is kept: without its recipe prefix, and without that of each line that continues it. A backslash-newline
 * within a reference becomes one blank, as nothing but the language sees it.
 */
export function recipeLineText(line: string, prefix: string): string {
  return line.includes("\n") ? foldInReferences(withoutPrefixes(line, prefix)) : line;
}

function withoutPrefixes(line: string, prefix: string): string {
  let out = "";
  let from = 0;
  for (let newline = line.indexOf("\n"); newline >= 0; newline = line.indexOf("\n", newline + 1)) {
    out += line.slice(from, newline + 1);
    from = newline + 1;
    if (line.startsWith(prefix, from)) from += prefix.length;
  }
  return out + line.slice(from);
}

function foldInReferences(line: string): string {
  let out = "";
  let from = 0;
  for (let dollar = line.indexOf("$"); dollar >= 0; dollar = line.indexOf("$", from)) {
    const next = line.charCodeAt(dollar + 1);
    const end = next === OPEN_PAREN || next === OPEN_BRACE ? endOfReference(line, dollar) : dollar + 1;
    const reference = line.slice(dollar, end);
    out += line.slice(from, dollar) + (reference.includes("\n") ? joinContinuations(reference, false) : reference);
    from = end;
  }
  return out + line.slice(from);
}
