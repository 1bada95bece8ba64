/** Assignments in a line: `[override] [export | unexport] [private] NAME OP VALUE`, `define`, `undefine`. */

import { COLON, DOLLAR, endOfWord, EQUALS, HASH, isBlank, skipBlanks, trimSpaceAtEnd } from "./chars.js";
import { compile } from "./compile.js";
import type { Flavor } from "./model.js";
import type { AssignmentSyntax, DefineSyntax, Modifiers, UndefineSyntax } from "./statement.js";
import { endOfReference } from "./unquoted.js";

/** A name, its operator and the place of the value. */
interface Definition {
  readonly name: string;
  readonly flavor: Flavor;
  /** Where the value begins, blanks before it passed over. */
  readonly valueAt: number;
}

const EXCLAMATION = 33;
const PLUS = 43;
const QUESTION = 63;

const NO_MODIFIERS: Modifiers = { exported: undefined, isOverride: false, isPrivate: false };

/** Reads an assignment, `define` or `undefine`; undefined when the line is none. The line has no comment any more. */
export function parseVariableStatement(line: string): AssignmentSyntax | DefineSyntax | UndefineSyntax | undefined {
  return parse(line, true);
}

/** What no plain name of a variable holds: blanks, and what begins a reference, a comment or an operator. */
const NOT_PLAIN = /[\t\v\f\r\n $#:=+?!]/;

/** Reads the commonest of assignments, `NAME OP VALUE`, quickly; undefined: it takes a closer look. `equals`: of the first `=`. */
export function parsePlainAssignment(line: string, start: number, equals: number): AssignmentSyntax | undefined {
  const flavor = flavorBySign(line.charCodeAt(equals - 1));
  let end = flavor === "recursive" ? equals : equals - 1;
  while (isBlank(line.charCodeAt(end - 1))) end--;
  const name = line.slice(start, end);
  if (end <= start || NOT_PLAIN.test(name)) return undefined;
  return {
    kind: "assignment",
    name,
    flavor,
    value: line.slice(skipBlanks(line, equals + 1)),
    modifiers: NO_MODIFIERS,
  };
}

/** What the sign before `=` makes of an assignment. */
function flavorBySign(code: number): Flavor {
  switch (code) {
    case COLON:
      return "simple";
    case PLUS:
      return "append";
    case QUESTION:
      return "conditional";
    case EXCLAMATION:
      return "shell";
    default:
      return "recursive";
  }
}

/** Reads what may be a target-specific assignment. */
export function parseTargetAssignment(line: string): AssignmentSyntax | undefined {
  const parsed = parse(line, false);
  return parsed?.kind === "assignment" ? parsed : undefined;
}

function parse(line: string, withDefine: boolean): AssignmentSyntax | DefineSyntax | UndefineSyntax | undefined {
  let modifiers = NO_MODIFIERS;
  for (let at = skipBlanks(line, 0); at < line.length;) {
    const definition = parseDefinition(line, at);
    if (definition !== undefined) {
      const { name, flavor, valueAt } = definition;
      return { kind: "assignment", name: compile(name), flavor, value: line.slice(valueAt), modifiers };
    }
    const end = endOfWord(line, at);
    const word = line.slice(at, end);
    const rest = skipBlanks(line, end);
    if (withDefine && word === "define") return parseDefine(line.slice(rest), modifiers);
    if (withDefine && word === "undefine") {
      return { kind: "undefine", name: compile(trimSpaceAtEnd(line.slice(rest))), modifiers };
    }
    const more = withModifier(modifiers, word);
    if (more === undefined) return undefined;
    modifiers = more;
    at = rest;
  }
  return undefined;
}

function withModifier(modifiers: Modifiers, word: string): Modifiers | undefined {
  if (word === "export") return { ...modifiers, exported: "export" };
  if (word === "unexport") return { ...modifiers, exported: "noexport" };
  if (word === "override") return { ...modifiers, isOverride: true };
  if (word === "private") return { ...modifiers, isPrivate: true };
  return undefined;
}

function parseDefine(rest: string, modifiers: Modifiers): DefineSyntax {
  const definition = parseDefinition(rest, 0);
  if (definition === undefined) {
    return { kind: "define", name: compile(trimSpaceAtEnd(rest)), flavor: "recursive", modifiers, extraText: false };
  }
  const extraText = definition.valueAt < rest.length;
  return { kind: "define", name: compile(definition.name), flavor: definition.flavor, modifiers, extraText };
}

/** Where a name may end: blanks, and what begins a reference, a comment or an operator. */
const STOPS = /[\t\v\f\r $#:=+?!]/g;

/** Reads `NAME OP VALUE` at `from`. A name may hold references, blanks in them included, but no other blank. */
export function parseDefinition(line: string, from: number): Definition | undefined {
  for (let i = from; ;) {
    STOPS.lastIndex = i;
    if (!STOPS.test(line)) return undefined;
    i = STOPS.lastIndex - 1;
    const code = line.charCodeAt(i);
    if (code === DOLLAR) {
      i = endOfReference(line, i);
      continue;
    }
    if (code === HASH) return undefined;
    if (isBlank(code)) {
      const operator = operatorAtPlace(line, skipBlanks(line, i));
      return operator === undefined ? undefined : definitionOf(line, from, i, operator);
    }
    const operator = operatorAtPlace(line, i);
    if (operator !== undefined) return definitionOf(line, from, i, operator);
    if (code === COLON) return undefined;
    i++;
  }
}

interface Operator {
  readonly flavor: Flavor;
  readonly end: number;
}

function operatorAtPlace(line: string, at: number): Operator | undefined {
  switch (line.charAt(at)) {
    case "=":
      return { flavor: "recursive", end: at + 1 };
    case ":":
      if (line.charCodeAt(at + 1) === EQUALS) return { flavor: "simple", end: at + 2 };
      if (line.startsWith("::=", at)) return { flavor: "simple", end: at + 3 };
      return line.startsWith(":::=", at) ? { flavor: "immediate", end: at + 4 } : undefined;
    case "+":
      return line.charCodeAt(at + 1) === EQUALS ? { flavor: "append", end: at + 2 } : undefined;
    case "?":
      return line.charCodeAt(at + 1) === EQUALS ? { flavor: "conditional", end: at + 2 } : undefined;
    case "!":
      return line.charCodeAt(at + 1) === EQUALS ? { flavor: "shell", end: at + 2 } : undefined;
    default:
      return undefined;
  }
}

function definitionOf(line: string, from: number, nameEnd: number, operator: Operator): Definition {
  return { name: line.slice(from, nameEnd), flavor: operator.flavor, valueAt: skipBlanks(line, operator.end) };
}
