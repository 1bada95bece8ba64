/** Text with references and function calls → the tree that evaluation walks. */

import { CLOSE_BRACE, CLOSE_PAREN, COMMA, isSpace, OPEN_BRACE, OPEN_PAREN, skipSpace } from "./chars.js";
import { findFunction } from "./functions/table.js";
import type { BuiltinFunction, Expression } from "./model.js";

const LETTER_A = 97;
const LETTER_Z = 122;

const CACHE_LIMIT = 4096;
const cache = new Map<string, Expression>();

/** As `compile`, remembering trees: for texts that are expanded again and again, such as a pattern rule's recipe. */
export function compileCached(text: string): Expression {
  if (!text.includes("$")) return text;
  const known = cache.get(text);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_LIMIT) cache.clear();
  const compiled = compile(text);
  cache.set(text, compiled);
  return compiled;
}

/** Compiles `text`; mistakes in it become `malformed` parts. */
export function compile(text: string): Expression {
  let dollar = text.indexOf("$");
  if (dollar < 0) return text;
  const parts: Expression[] = [];
  let literal = "";
  let from = 0;
  while (dollar >= 0) {
    literal += text.slice(from, dollar);
    const part = referenceAt(text, dollar);
    from = part.end;
    if (typeof part.expression === "string") literal += part.expression;
    else {
      if (literal !== "") parts.push(literal);
      literal = "";
      parts.push(part.expression);
    }
    dollar = text.indexOf("$", from);
  }
  literal += text.slice(from);
  if (literal !== "" || parts.length === 0) parts.push(literal);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "sequence", parts };
}

interface Part {
  readonly expression: Expression;
  readonly end: number;
}

function referenceAt(text: string, dollar: number): Part {
  const at = dollar + 1;
  if (at >= text.length) return { expression: "$", end: at };
  const sign = text.charCodeAt(at);
  if (sign === OPEN_PAREN || sign === OPEN_BRACE) return groupAt(text, at);
  if (sign === 36) return { expression: "$", end: at + 1 };
  if (isSpace(sign)) return { expression: "", end: at + 1 };
  return { expression: { kind: "reference", name: text.charAt(at) }, end: at + 1 };
}

function groupAt(text: string, open: number): Part {
  const inside = open + 1;
  const first = text.charCodeAt(inside);
  const target = first >= LETTER_A && first <= LETTER_Z ? functionAt(text, inside) : undefined;
  if (target !== undefined) return callAt(text, open, target);
  const close = text.charCodeAt(open) === OPEN_PAREN ? ")" : "}";
  const closeAt = text.indexOf(close, inside);
  if (closeAt < 0)
    return { expression: { kind: "malformed", message: "unterminated variable reference" }, end: text.length };
  const name = text.slice(inside, closeAt);
  if (name.includes("$")) {
    const matching = matchingClose(text, open);
    if (matching !== undefined) {
      return { expression: { kind: "computed", inner: compile(text.slice(inside, matching)) }, end: matching + 1 };
    }
  }
  return { expression: namedReference(name), end: closeAt + 1 };
}

/** A reference whose inside is known: a name, or a name with a substitution. */
export function namedReference(inside: string): Expression {
  const colon = inside.indexOf(":");
  if (colon >= 0) {
    const equals = inside.indexOf("=", colon + 1);
    if (equals >= 0) {
      return {
        kind: "substitution",
        name: inside.slice(0, colon),
        from: inside.slice(colon + 1, equals),
        to: inside.slice(equals + 1),
      };
    }
  }
  return { kind: "reference", name: inside };
}

/** A word that may be a function's: what follows one is white space, or nothing. */
const FUNCTION_NAME = /[a-z]+(?:-[a-z]*)?(?=[\t-\r ]|$)/y;

function functionAt(text: string, from: number): BuiltinFunction | undefined {
  FUNCTION_NAME.lastIndex = from;
  return FUNCTION_NAME.test(text) ? findFunction(text.slice(from, FUNCTION_NAME.lastIndex)) : undefined;
}

/** What a call's end is told by, for either kind of parentheses. */
const DELIMITERS = { [OPEN_PAREN]: /[(),]/g, [OPEN_BRACE]: /[{},]/g };

function callAt(text: string, open: number, target: BuiltinFunction): Part {
  const openSign = text.charCodeAt(open) === OPEN_PAREN ? OPEN_PAREN : OPEN_BRACE;
  const closeSign = openSign === OPEN_PAREN ? CLOSE_PAREN : CLOSE_BRACE;
  const delimiters = DELIMITERS[openSign];
  const args: Expression[] = [];
  let depth = 0;
  let from = skipSpace(text, open + 1 + target.name.length);
  for (let i = from; ; i++) {
    delimiters.lastIndex = i;
    if (!delimiters.test(text)) break;
    i = delimiters.lastIndex - 1;
    const sign = text.charCodeAt(i);
    if (sign === openSign) depth++;
    else if (sign === closeSign && --depth < 0) {
      args.push(compile(text.slice(from, i)));
      return { expression: { kind: "call", target, args }, end: i + 1 };
    } else if (sign === COMMA && depth === 0 && args.length + 1 < target.maximum) {
      args.push(compile(text.slice(from, i)));
      from = i + 1;
    }
  }
  const missing = closeSign === CLOSE_PAREN ? ")" : "}";
  const message = `unterminated call to function '${target.name}': missing '${missing}'`;
  return { expression: { kind: "malformed", message }, end: text.length };
}

function matchingClose(text: string, open: number): number | undefined {
  const openSign = text.charCodeAt(open);
  const closeSign = openSign === OPEN_PAREN ? CLOSE_PAREN : CLOSE_BRACE;
  let depth = 0;
  for (let i = open + 1; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    if (sign === openSign) depth++;
    else if (sign === closeSign && --depth < 0) return i;
  }
  return undefined;
}
