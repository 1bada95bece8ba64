/** Physical and logical lines: where they end, how continued ones are joined, where comments begin. */

import { BACKSLASH, backslashesBefore, isBlank, OPEN_BRACE, OPEN_PAREN, skipBlanks } from "./chars.js";
import { cutUnquoted, endOfReference } from "./unquoted.js";

/** The places of the logical lines of a text, a line continued by backslash-newlines being one. */
export interface LogicalLines {
  readonly starts: readonly number[];
  /** Where each ends, its newline left out. */
  readonly ends: readonly number[];
  /** The number of the physical line that each begins with, counted from 1. */
  readonly numbers: readonly number[];
  /** How many physical lines there are. */
  readonly lineCount: number;
}

/** Finds the logical lines of `text`. */
export function findLogicalLines(text: string): LogicalLines {
  const starts: number[] = [];
  const ends: number[] = [];
  const numbers: number[] = [];
  let number = 1;
  for (let start = 0; start < text.length;) {
    starts.push(start);
    numbers.push(number);
    let end = endOfPhysicalLine(text, start);
    number++;
    while (end < text.length && isContinued(text, end, start)) {
      end = endOfPhysicalLine(text, end + 1);
      number++;
    }
    ends.push(end);
    start = end + 1;
  }
  return { starts, ends, numbers, lineCount: number - 1 };
}

function endOfPhysicalLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline < 0 ? text.length : newline;
}

function isContinued(text: string, newline: number, from: number): boolean {
  return text.charCodeAt(newline - 1) === BACKSLASH && (backslashesBefore(text, newline, from) & 1) === 1;
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
