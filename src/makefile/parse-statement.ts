/** A logical line → the statement it is. */

import { endOfWord, skipBlanks } from "./chars.js";
import { compile } from "./compile.js";
import { joinContinuations, removeComment } from "./lines.js";
import { parsePlainAssignment, parseVariableStatement } from "./parse-assignment.js";
import { parseConditional } from "./parse-conditional.js";
import { parseRule } from "./parse-rule.js";
import type { Statement } from "./statement.js";

export const BLANK: Statement = { kind: "blank" };

/**
 * Reads the logical line `raw`, which is not a recipe line. `posix`: blanks before a backslash-newline are kept.
 *
 * Assignments come first, so that variables may have the names of directives.
 */
export function parseStatement(raw: string, posix: boolean): Statement {
  const line = raw.includes("#") || raw.includes("\n") ? removeComment(joinContinuations(raw, posix)) : raw;
  const start = skipBlanks(line, 0);
  if (start >= line.length) return BLANK;
  return parseVariable(line, start) ?? parseDirective(line, start) ?? parseRule(raw, posix);
}

/** Spares most lines the look for an assignment: each has an `=`, or begins with `define`, `undefine` or a modifier before them. */
function parseVariable(line: string, start: number): ReturnType<typeof parseVariableStatement> {
  const equals = line.indexOf("=", start);
  if (equals >= 0) return parsePlainAssignment(line, start, equals) ?? parseVariableStatement(line);
  return DEFINE_STARTS.includes(line.charAt(start)) && line.includes("define", start)
    ? parseVariableStatement(line)
    : undefined;
}

/** The first letters of `define undefine override export unexport private`. */
const DEFINE_STARTS = "duoep";

/** The first letters of `ifeq else endif export unexport vpath include -include sinclude load`. */
const DIRECTIVE_STARTS = "ieuv-sl";

function parseDirective(line: string, start: number): Statement | undefined {
  if (!DIRECTIVE_STARTS.includes(line.charAt(start))) return undefined;
  const end = endOfWord(line, start);
  const rest = skipBlanks(line, end);
  const word = line.slice(start, end);
  switch (word) {
    case "export":
    case "unexport":
      return {
        kind: "export",
        isExport: word === "export",
        names: rest < line.length ? compile(line.slice(rest)) : undefined,
      };
    case "vpath":
      return { kind: "vpath", text: line.slice(rest) };
    case "include":
    case "-include":
    case "sinclude":
      return { kind: "include", optional: word !== "include", names: compile(line.slice(rest)) };
    case "load":
    case "-load":
      return { kind: "load", optional: word !== "load", names: compile(line.slice(rest)) };
    default:
      return parseConditional(word, line, rest);
  }
}
