/** The parts of a rule line that its text alone tells. */

import { COLON, DOLLAR, isBlank, SEMICOLON } from "./chars.js";
import { compile } from "./compile.js";
import { joinContinuations } from "./lines.js";
import { parseTargetAssignment } from "./parse-assignment.js";
import type { FixedRule, RuleSeparator, RuleSyntax } from "./statement.js";
import { cutUnquoted } from "./unquoted.js";

/** Reads a line that is no other statement. `raw` is the logical line as written. */
export function parseRule(raw: string, posix: boolean): RuleSyntax {
  const cut = raw.includes(";") || raw.includes("#") ? cutUnquoted(raw, ";#", true) : { head: raw, end: raw.length };
  const head = joinContinuations(cut.head, posix);
  const inlineRecipe = raw.charCodeAt(cut.end) === SEMICOLON ? raw.slice(cut.end + 1) : undefined;
  return {
    kind: "rule",
    head,
    inlineRecipe,
    eightBlanks: raw.startsWith("        "),
    firstCharacter: raw.charCodeAt(0),
    fixed: fixedParts(head, inlineRecipe, posix),
  };
}

/** Undefined when the targets hold references, or when quoting makes the plain reading unsure. */
function fixedParts(head: string, inlineRecipe: string | undefined, posix: boolean): FixedRule | undefined {
  const colon = head.indexOf(":");
  if (colon <= 0) return undefined;
  for (let i = 0; i < colon; i++) {
    const code = head.charCodeAt(i);
    if (code === DOLLAR || code === 92) return undefined;
  }
  const { separator, targetsEnd, restAt } = separatorAt(head, colon);
  const targets = head.slice(0, targetsEnd);
  if (isAllBlank(targets)) return undefined;
  const rest = head.slice(restAt);
  const assignment = rest.includes("=") ? parseTargetAssignment(withInline(rest, inlineRecipe, posix)) : undefined;
  return { targets, separator, rest, restExpression: compile(rest), assignment };
}

/** The text behind the colon as a target-specific variable sees it: a `;` is part of the value. */
export function withInline(rest: string, inlineRecipe: string | undefined, posix: boolean): string {
  return inlineRecipe === undefined ? rest : `${rest};${joinContinuations(inlineRecipe, posix)}`;
}

/** The separator whose colon stands at `colon`. */
export function separatorAt(
  text: string,
  colon: number,
): { readonly separator: RuleSeparator; readonly targetsEnd: number; readonly restAt: number } {
  const grouped = colon > 0 && text.charAt(colon - 1) === "&";
  const double = text.charCodeAt(colon + 1) === COLON;
  const separator = grouped ? (double ? "&::" : "&:") : double ? "::" : ":";
  return { separator, targetsEnd: grouped ? colon - 1 : colon, restAt: colon + (double ? 2 : 1) };
}

function isAllBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isBlank(text.charCodeAt(i))) return false;
  return true;
}
