/** Conditional directives: `ifdef ifndef ifeq ifneq else endif`. */

import { COMMA, endOfWord, skipBlanks, trimSpaceAtEnd } from "./chars.js";
import { compile } from "./compile.js";
import type { ConditionalSyntax, ConditionSyntax } from "./statement.js";

/** Reads a conditional: its first word, and the line with the place where the next one begins; undefined when it is none. */
export function parseConditional(word: string, line: string, rest: number): ConditionalSyntax | undefined {
  switch (word) {
    case "ifdef":
      return { kind: "if", condition: parseDefined(line.slice(rest), true) };
    case "ifndef":
      return { kind: "if", condition: parseDefined(line.slice(rest), false) };
    case "ifeq":
      return { kind: "if", condition: parseEqual(line.slice(rest), true) };
    case "ifneq":
      return { kind: "if", condition: parseEqual(line.slice(rest), false) };
    case "else":
      return parseElse(line, rest);
    case "endif":
      return { kind: "endif", extraText: rest < line.length };
    default:
      return undefined;
  }
}

function parseElse(line: string, rest: number): ConditionalSyntax {
  if (rest >= line.length) return { kind: "else", condition: undefined, extraText: false };
  const end = endOfWord(line, rest);
  const inner = parseConditional(line.slice(rest, end), line, skipBlanks(line, end));
  if (inner?.kind === "if") return { kind: "else", condition: inner.condition, extraText: false };
  return { kind: "else", condition: undefined, extraText: true };
}

function parseDefined(text: string, wanted: boolean): ConditionSyntax {
  return { kind: "defined", wanted, directive: wanted ? "ifdef" : "ifndef", name: compile(trimSpaceAtEnd(text)) };
}

/** `(a,b)` or two texts in quotes of either kind. */
function parseEqual(text: string, wanted: boolean): ConditionSyntax {
  const open = text.charAt(0);
  const parsed = open === "(" ? parseParenthesized(text) : open === '"' || open === "'" ? parseQuoted(text) : undefined;
  if (parsed === undefined) return { kind: "invalid" };
  const extraText = skipBlanks(text, parsed.end) < text.length;
  const directive = wanted ? "ifeq" : "ifneq";
  return { kind: "equal", wanted, directive, left: compile(parsed.left), right: compile(parsed.right), extraText };
}

interface Pair {
  readonly left: string;
  readonly right: string;
  readonly end: number;
}

function parseParenthesized(text: string): Pair | undefined {
  const comma = findAtDepth(text, 1, COMMA);
  if (comma === undefined) return undefined;
  const right = skipBlanks(text, comma + 1);
  const close = findAtDepth(text, right, 41);
  if (close === undefined) return undefined;
  return { left: trimSpaceAtEnd(text.slice(1, comma)), right: text.slice(right, close), end: close + 1 };
}

function findAtDepth(text: string, from: number, wanted: number): number | undefined {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === wanted && depth <= 0) return i;
    if (code === 40) depth++;
    else if (code === 41) depth--;
  }
  return undefined;
}

function parseQuoted(text: string): Pair | undefined {
  const leftEnd = text.indexOf(text.charAt(0), 1);
  if (leftEnd < 0) return undefined;
  const rightStart = skipBlanks(text, leftEnd + 1);
  const quote = text.charAt(rightStart);
  if (quote !== '"' && quote !== "'") return undefined;
  const rightEnd = text.indexOf(quote, rightStart + 1);
  if (rightEnd < 0) return undefined;
  return { left: text.slice(1, leftEnd), right: text.slice(rightStart + 1, rightEnd), end: rightEnd + 1 };
}
